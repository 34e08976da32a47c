"""Years later: what was over is gone from every database of a district, and what comes late has no second effect."""

from pathlib import Path
from typing import Any

import pytest
from canaries import CANARY, sung
from google.protobuf import json_format
from in_transit import TWO, InTransit, discharged, released, rest, told_in_transit
from simulated import CALL_SECONDS, GATEWAY, SimulatedDistrict, simulated_district
from tooling import tool

from agencykit.audit.__main__ import main
from agencykit.refusals import RecordPurged
from agencykit.testing.purging import FOUR_YEARS, purge_later
from agencykit.testing.virtual import virtual_time
from clearance.district.v1 import district_service_pb2 as service
from clearance.district.v1 import movement_pb2 as movement_pb
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.sample.generation import generate

ABROAD = "/clearance.district.v1.DistrictService/"
KEEPINGS = tool("retention").KEEPINGS


def url(folder: Path, service: str) -> str:
    return f"sqlite+pysqlite:///{folder / service}.db"


def purged(district: SimulatedDistrict, folder: Path, days: int = FOUR_YEARS) -> dict[str, dict[str, int]]:
    """Every service's database; how many of each kind went."""
    now = district.runtime.clock.now()

    def of(service: str) -> dict[str, int]:
        found = purge_later(url(folder, service), KEEPINGS[service], now, days)
        return {name: each.subjects for name, each in found.items()}

    return {service: of(service) for service in district.parties}


def holding(folder: Path, canary: str) -> list[str]:
    return sorted(file.name for file in folder.glob("*.db*") if canary.encode() in file.read_bytes())


def verified(folder: Path, services: Any, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    files = []
    for name in services:
        files.append(str(folder / f"{name}.jsonl"))
        told = ["--service", name, "--district", "ningbo", "--file", files[-1]]
        assert main(["export", "--database-url", url(folder, name), *told]) == 0
    capsys.readouterr()
    return main(["verify", *files, "--ca", str(folder / "ca.pem")]), capsys.readouterr().out


async def _call(district: SimulatedDistrict, request: Any, method: str, answer: Any) -> Any:
    licence = getattr(getattr(request, "consignment", None), "broker_licence", "") or "3104980001"
    broker = district.transport("gateway", f"broker/{licence}")
    return await broker.unary(f"{GATEWAY}{method}", request, answer, timeout_seconds=CALL_SECONDS)


def test_of_a_purged_clearance_no_word_is_left_in_any_database_and_it_cannot_come_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(district: SimulatedDistrict) -> None:
        made = list(generate(6, 7, district.runtime.clock.now()))
        await district.lodge(line for line in made if "enterprise" in line or "broker" in line)
        lines = [line for line in made if "submission" in line]
        first, second = (json_format.ParseDict(line["submission"], pb.SubmitClearanceRequest()) for line in lines[:2])
        assert sung(first) >= 10
        canary = first.consignment.reference[: len(CANARY) + 6]
        gone, stays = [
            (await _call(district, each, "SubmitClearance", pb.SubmitClearanceResponse)).clearance
            for each in (first, second)
        ]
        assert stays.waiting, "for facts that are not lodged here"
        withdraw = pb.WithdrawClearanceRequest(request_id=district.runtime.ids.uuid(), number=gone.number, version=1)
        withdraw.reason = f"{canary} 放弃"
        licence = first.consignment.broker_licence
        broker = district.transport("gateway", f"broker/{licence}")
        answer = await broker.unary(
            f"{GATEWAY}WithdrawClearance", withdraw, pb.WithdrawClearanceResponse, timeout_seconds=CALL_SECONDS
        )
        assert answer.clearance.state == Clearance.STATE_WITHDRAWN
        await rest()
        assert {"gateway.db-wal", "customs.db-wal", "port.db-wal"} <= set(holding(tmp_path, canary))
        went = purged(district, tmp_path)
        assert {service: found["clearances"] for service, found in went.items()} == dict.fromkeys(went, 1)
        assert holding(tmp_path, canary) == []
        code, said = verified(tmp_path, district.parties, capsys)
        assert code == 0, said
        assert said.count("1 of them purged by row") == 4, "each agency's log of decisions says so"
        again = pb.SubmitClearanceRequest()
        again.CopyFrom(first)
        again.request_id = district.runtime.ids.uuid()
        for late in (first, again):
            with pytest.raises(RecordPurged):
                await _call(district, late, "SubmitClearance", pb.SubmitClearanceResponse)
        assert [each.number for each in await district.clearances()] == [stays.number]
        assert holding(tmp_path, second.consignment.reference), "what is open is there"
        assert sum(purged(district, tmp_path)["gateway"].values()) == 0

    with virtual_time(seed=2004) as world:

        async def play() -> None:
            async with simulated_district(tmp_path, world) as district:
                await story(district)

        world.loop.run_until_complete(play())


def test_a_movement_that_ended_goes_on_both_sides_and_what_is_said_of_it_later_begins_nothing(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        await hangzhou.arrive(mrn)
        await rest()
        await discharged(ningbo, hangzhou, mrn)
        under_way = await released(ningbo)
        await rest()
        for place in (ningbo, hangzhou):
            went = purged(place.district, tmp_path / place.name)
            assert went["gateway"]["movements"] == 1
            assert [each.mrn for each in await place.listed()] == [under_way]
        assert (await ningbo.ledger())[1:] == (0, 125_000, 0), "the other's use stands"
        assert not await ningbo.differences(), "and the whole ledger still adds up"
        for late in (ningbo.declare("hangzhou", lrn="NINGBO-1"), hangzhou.arrive(mrn)):
            with pytest.raises(RecordPurged):
                await late
        message = movement_pb.MovementMessage(mrn=mrn, sequence=9)
        message.create_time.FromDatetime(ningbo.district.runtime.clock.now())
        message.discharge.discharge_time.CopyFrom(message.create_time)
        request, answer = service.DeliverMovementsRequest(messages=[message]), service.DeliverMovementsResponse
        outcomes = []
        for message.sequence in range(1, 9):
            del request.messages[:]
            request.messages.append(message)
            link = ningbo.district.partners["hangzhou"]
            told = await link.unary(f"{ABROAD}DeliverMovements", request, answer, timeout_seconds=2.0)
            outcomes += [(receipt.outcome, receipt.state_met) for receipt in told.receipts]
        applied, refused = (
            movement_pb.MovementReceipt.OUTCOME_APPLIED,
            movement_pb.MovementReceipt.OUTCOME_OUT_OF_SEQUENCE,
        )
        assert outcomes[0] == (applied, ""), "what was heard before is receipted as it was"
        assert outcomes[-1] == (refused, "UNKNOWN")
        assert [each.mrn for each in await hangzhou.listed()] == [under_way]

    told_in_transit(tmp_path, TWO, story)
