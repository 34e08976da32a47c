"""What a follower has recorded from replies its feed does not repeat; everything else it brings."""

import asyncio
from contextlib import aclosing
from pathlib import Path

from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.example_agency import build
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.originators import certificate
from agencykit.testing.running import Caller
from agencykit.testing.virtual import World, virtual_time
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import LogRange

from .test_virtual_time import settings

LOG = "weighbridge/1"
ASSESS = "/clearance.agency.v1.AgencyService/AssessConsignments"


async def assess(caller: Caller, world: World, serial: int, *recorded: tuple[int, int]) -> None:
    """Decides one more consignment; the caller says what he has recorded of the log."""
    number = f"NGB2004{serial:08d}"
    item = assessment_item(number, sea_import(number), request_id=world.runtime.ids.uuid())
    ranges = [LogRange(log=LOG, first_sequence=first, last_sequence=last) for first, last in recorded]
    request = pb.AssessConsignmentsRequest(items=[item], recorded=ranges, signing_certificates=[certificate()])
    [answer] = (await caller.call(ASSESS, request, pb.AssessConsignmentsResponse)).answers
    assert answer.HasField("decision")


async def followed(agency: InlineAgency, seconds: float, seen: list[int], told: list[int]) -> None:
    """Follows for so long: sequences that came, and the positions that each message told."""
    async with aclosing(agency.gateway.follow(seconds=seconds)) as messages:  # type: ignore[type-var]
        async for message in messages:
            seen += [Decision.FromString(signed.decision).sequence for signed in message.decisions]
            told += [position.sequence for position in message.positions if position.log == LOG]


def story(folder: Path, *recorded: tuple[int, int]) -> tuple[list[int], list[int]]:
    """One decision before the stream begins, three during it; with the last, the caller says what is recorded."""
    seen: list[int] = []
    told: list[int] = []
    with virtual_time(seed=7) as world:

        async def play() -> None:
            async with inline_agency(build, settings(folder, world), "weighbridge", world.runtime) as agency:
                await assess(agency.gateway, world, 1)
                following = asyncio.get_running_loop().create_task(followed(agency, 8.0, seen, told))
                await asyncio.sleep(0.6)
                await assess(agency.gateway, world, 2)
                await assess(agency.gateway, world, 3)
                await assess(agency.gateway, world, 4, *recorded)
                await following

        world.loop.run_until_complete(play())
    return seen, told


def test_what_was_not_recorded_is_repeated(tmp_path: Path) -> None:
    assert story(tmp_path)[0] == [1, 2, 3, 4]


def test_what_was_recorded_is_passed_over_and_the_position_says_so(tmp_path: Path) -> None:
    seen, told = story(tmp_path, (1, 3))
    assert seen == [1, 4]
    assert told[-1] == 4


def test_nothing_unrecorded_is_passed_over_because_something_behind_it_was_recorded(tmp_path: Path) -> None:
    assert story(tmp_path, (3, 3))[0] == [1, 2, 3, 4]
