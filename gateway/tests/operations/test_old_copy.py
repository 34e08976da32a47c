"""An agency's old backup, put back: nothing is decided on it, and it is told again what it was told since."""

from pathlib import Path
from typing import Any

from agencykit.backup import postgresql, sqlite
from agencykit.decisions.restoring import resume
from agencykit.testing.postgres import own_database
from clearance.gateway.v1 import clearance_pb2 as pb

RELEASED = pb.Clearance.STATE_RELEASED


def save(district: Any, name: str, copy: Path) -> None:
    """Saves its database as it is now."""
    file = district.folder / f"{name}.db"
    url = own_database(file)
    if url.startswith("sqlite"):
        sqlite.save(file, copy)
    else:
        postgresql.save(url, copy)


async def put_back(district: Any, name: str, copy: Path) -> None:
    """Stops the agency, puts the copy in place by hand, and starts it: nobody has told it that it is old."""
    await district.offices[name].app.stop()
    copy_back(district, name, copy)
    await district.open_agency(name)


def copy_back(district: Any, name: str, copy: Path) -> None:
    """Puts the copy in place of the database of an agency that is stopped."""
    file = district.folder / f"{name}.db"
    url = own_database(file)
    if url.startswith("sqlite"):
        sqlite.restore(file, copy)
    else:
        postgresql.restore(url, copy)


async def test_an_old_copy_of_an_agency_holds_new_cases_up_and_hears_again_of_orders_it_lost(
    district: Any, reference: str, tmp_path: Path, make: Any
) -> None:
    gateway = await district.open_gateway()
    broker = gateway.caller()
    await broker.submit(make.air_import(f"{reference}-1"))
    save(district, "port", tmp_path / "port.copy")
    lost = await broker.submit(make.air_import(f"{reference}-2"))

    async def told() -> bool:
        read = district.rows("SELECT sequence FROM feed_positions WHERE log = 'port/1'")
        return not district.untold() and read == [(2,)]

    await make.eventually(told)
    # The gateway is begun anew too: all that it knows is what it has stored.
    await gateway.app.stop()
    await put_back(district, "port", tmp_path / "port.copy")

    def outcomes(connection: Any) -> set[str]:
        return {number for (number,) in connection.exec_driver_sql("SELECT clearance_number FROM outcomes")}

    database = district.offices["port"].app.parts.database
    assert lost.number not in await database.read(outcomes)

    gateway = await district.open_gateway()
    broker = gateway.caller()

    async def heard_again() -> bool:
        return lost.number in await database.read(outcomes)

    await make.eventually(heard_again, seconds=15)
    waiting = await broker.submit(make.air_import(f"{reference}-3"))
    assert waiting.state != RELEASED
    assert {wait.party for wait in waiting.waiting} == {"port"}

    await database.write(resume, "operator/li-wei", 1)
    await gateway.app.stop()
    await district.offices["port"].app.stop()
    await district.open_agency("port")
    broker = (await district.open_gateway()).caller()

    async def released() -> bool:
        return bool((await broker.get(waiting.number)).state == RELEASED)

    await make.eventually(released, seconds=20)
    logs = {log for (log,) in district.rows("SELECT DISTINCT log FROM decisions WHERE agency = 'port'")}
    assert logs == {"port/1", "port/1.1"}
