"""An agency in simulation: one thread, no sockets, two weeks in no time, and the same story for the same seed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from agencykit.identity import Identity
from agencykit.pki import issue_signing
from agencykit.rpc.call import Call
from agencykit.settings import ServiceSettings
from agencykit.testing.authority import authority, certificates
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.counts import count
from agencykit.testing.example_agency import DEFINITION, build, note_weights
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.virtual import World, virtual_time
from clearance.common.v1.decision_pb2 import Decision

WEIGHBRIDGE = Identity.of_district("ningbo", "weighbridge")
NUMBER = "NGB200400000001"


def settings(folder: Path, world: World) -> ServiceSettings:
    """Certificates of the simulated time, so that what is sealed then verifies."""
    now = world.runtime.clock.now()
    issue_signing(authority(), WEIGHBRIDGE, now=now).write(folder / "signing.pem", folder / "signing.key")
    fields: dict[str, Any] = {
        "database_url": f"sqlite+pysqlite:///{folder / 'agency.db'}",
        "ca_file": certificates() / "ca.pem",
        "signing_cert_file": folder / "signing.pem",
        "signing_key_file": folder / "signing.key",
    }
    return ServiceSettings(**fields)


def a_call(world: World) -> Call:
    """Of the port office, to lodge notes by."""
    return Call(Identity.of_district("ningbo", "operator/port-office"), "/x/y", 1e9, None, world.runtime.clock)


async def waits(agency: InlineAgency, world: World, time: timedelta) -> list[bytes]:
    """A consignment waits so long for its weight note."""
    runtime = world.runtime
    item = assessment_item(NUMBER, sea_import(NUMBER), request_id=runtime.ids.uuid())
    [answer] = await agency.gateway.assess(item)
    first = agency.verifier.verify(answer.decision)
    await asyncio.sleep(time.total_seconds())
    await note_weights(agency.app.parts, a_call(world), runtime.ids.uuid(), {f"HLCU{NUMBER}": 1000.0})
    second = agency.verifier.verify(await agency.gateway.next_revision(NUMBER, 2))
    waited = second.decide_time.ToDatetime() - first.decide_time.ToDatetime()
    assert time <= waited < time + timedelta(seconds=2)
    assert second.verdict == Decision.VERDICT_APPROVED
    return [first.SerializeToString(deterministic=True), second.SerializeToString(deterministic=True)]


def story(folder: Path, seed: int, time: timedelta) -> list[bytes]:
    with virtual_time(seed=seed) as world:

        async def play() -> list[bytes]:
            async with inline_agency(build, settings(folder, world), "weighbridge", world.runtime) as agency:
                return await waits(agency, world, time)

        return world.loop.run_until_complete(play())


def test_a_fortnight_passes_in_no_time(tmp_path: Path) -> None:
    assert len(story(tmp_path, 2004, timedelta(days=14))) == 2
    assert DEFINITION.name == "weighbridge"


def test_the_same_seed_tells_the_same_story_twice(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (story(folder, 2004, timedelta(days=count(1, 14))) for folder in folders)
    assert first == second
