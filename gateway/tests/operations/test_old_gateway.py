"""A gateway's old backup, put back: its own signatures elsewhere prove it, and nothing is forked, then or after."""

from pathlib import Path
from typing import Any

import pytest

from agencykit.backup import old_copies, postgresql, sqlite
from agencykit.backup.old_copies import NUMBERS
from agencykit.refusals import LogUnwritable
from agencykit.storage import Database
from clearance.gateway.v1 import clearance_pb2 as pb

RELEASED = pb.Clearance.STATE_RELEASED


def save(district: Any, copy: Path) -> None:
    if district.database_url.startswith("sqlite"):
        sqlite.save(district.folder / "gateway.db", copy)
    else:
        postgresql.save(district.database_url, copy)


def put_back(district: Any, copy: Path) -> None:
    """By hand: nobody tells the gateway that it is old."""
    if district.database_url.startswith("sqlite"):
        sqlite.restore(district.folder / "gateway.db", copy)
    else:
        postgresql.restore(district.database_url, copy)


async def resumed(district: Any, *officers: str) -> list[str]:
    """What each of them is told; the gateway is stopped."""
    database = Database(district.database_url, district.runtime)
    try:
        return [await database.write(old_copies.resume, each, 1_800_000_000_000_000) for each in officers]
    finally:
        await database.close()


def everything(district: Any) -> list[Any]:
    """All that a gateway's log consists of."""
    tables = ("cases", "orders", "audit", "head_sheets", "untold", "outbox", "requests")
    return [district.rows(f"SELECT count(*) FROM {table}") for table in tables]


async def put_back_over_a_release(district: Any, reference: str, make: Any, copy: Path) -> tuple[Any, pb.Clearance]:
    """Saved while a clearance waits for the port, which is then released, and put back."""
    gateway = await district.open_gateway()
    await district.offices["port"].app.stop()
    open_one = await gateway.caller().submit(make.air_import(f"{reference}-1"))
    assert open_one.state != RELEASED
    save(district, copy)
    await district.open_agency("port")
    gateway = await reopened(district, gateway)

    async def told() -> bool:
        return (await gateway.caller().get(open_one.number)).state == RELEASED and not district.untold()

    await make.eventually(told, seconds=20)
    await gateway.app.stop()
    put_back(district, copy)
    return await district.open_gateway(), open_one


async def reopened(district: Any, gateway: Any) -> Any:
    await gateway.app.stop()
    return await district.open_gateway()


async def test_a_gateway_that_was_put_back_by_hand_holds_itself_writes_nothing_and_forks_nothing(
    district: Any, reference: str, tmp_path: Path, make: Any
) -> None:
    gateway, open_one = await put_back_over_a_release(district, reference, make, tmp_path / "copy")
    assert gateway.app.conditions["tongguan.records"]() is False
    before = everything(district)
    with pytest.raises(LogUnwritable):
        await gateway.caller().submit(make.air_import(f"{reference}-2"))
    assert (await gateway.caller().get(open_one.number)).state != RELEASED
    [(cause, witness, clearance)] = district.rows("SELECT cause, witness, chain FROM old_copies")
    assert (cause, clearance) == ("witnessed", open_one.number)
    assert witness in make.agencies
    assert everything(district) == before
    again = await reopened(district, gateway)
    with pytest.raises(LogUnwritable):
        await again.caller().submit(make.air_import(f"{reference}-3"))
    assert everything(district) == before


async def test_two_persons_let_it_go_on_above_all_numbers_that_anybody_has_seen(
    district: Any, reference: str, tmp_path: Path, make: Any
) -> None:
    gateway, open_one = await put_back_over_a_release(district, reference, make, tmp_path / "copy")
    told = await resumed(district, "operator/li-wei", "operator/li-wei", "operator/wang-fang")
    assert ["another person" in each for each in told] == [True, True, False]
    with pytest.raises(LogUnwritable):  # whoever ran before is fenced out
        await gateway.caller().submit(make.air_import(f"{reference}-2"))
    gateway = await reopened(district, gateway)
    broker = gateway.caller()

    async def released() -> bool:
        return bool((await broker.get(open_one.number)).state == RELEASED) and not district.untold()

    await make.eventually(released, seconds=20)
    [(number,)] = district.rows("SELECT order_number FROM orders")
    assert number > NUMBERS
    port = district.offices["port"].app.parts.database
    orders = await port.read(lambda connection: connection.exec_driver_sql("SELECT order_number FROM outcomes").all())
    assert sorted(each for (each,) in orders) == [1, number]
    assert (await broker.submit(make.air_import(f"{reference}-4"))).state == RELEASED
    assert {chain for (chain,) in district.rows("SELECT DISTINCT replica FROM head_sheets")} <= {"1", "1.1"}
    assert gateway.app.conditions["tongguan.records"]() is True


async def test_what_this_gateway_did_not_sign_holds_nobody(district: Any, reference: str, make: Any) -> None:
    gateway = await district.open_gateway()
    await gateway.caller().submit(make.air_import(reference))

    async def told() -> bool:
        return not district.untold()

    await make.eventually(told)
    port = district.offices["port"].app.parts.database
    forged = "UPDATE outcomes SET order_bytes = CAST('of another' AS BLOB)"
    if not district.database_url.startswith("sqlite"):
        forged = "UPDATE outcomes SET order_bytes = 'of another'"
    await port.write(lambda connection: connection.exec_driver_sql(forged))
    gateway = await reopened(district, gateway)
    assert gateway.app.conditions["tongguan.records"]() is True
    assert (await gateway.caller().submit(make.air_import(f"{reference}-2"))).state == RELEASED
