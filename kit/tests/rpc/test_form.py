"""Bad input is refused with every violation at once, over real sockets, and reaches no handler."""

from typing import Any

import grpc
import pytest

from agencykit.refusals import FormInvalid, Malformed, Refusal, to_status
from agencykit.rpc.trailer import LIMIT_BYTES, refusal_of
from clearance.agency.v1 import work_service_pb2 as work
from clearance.common.v1.evidence_pb2 import LogPosition

LIST = "/clearance.agency.v1.WorkService/ListWork"
RECORD = "/clearance.agency.v1.WorkService/RecordWork"
UUID = "0f4c1f6e-2f0f-4c62-9d5f-0c1f7a1d2004"


def result(**fields: Any) -> work.RecordWorkRequest:
    plain = {"outcome": work.WorkResult.OUTCOME_CLEARED, "reason": "箱体完好"} | fields
    return work.RecordWorkRequest(request_id=UUID, work_id=UUID, result=work.WorkResult(**plain))


async def refused(house: Any, method: str, request: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        await house.caller().unary(method, request, work.RecordWorkResponse, timeout_seconds=5)
    assert house.office.calls == []
    return found.value


async def test_every_violation_is_told_at_once_with_path_rule_and_kind(open_house: Any) -> None:
    async with open_house() as house:
        request = work.RecordWorkRequest(request_id="17", work_id=UUID, result=work.WorkResult(reason=""))
        refusal = await refused(house, RECORD, request)
        assert isinstance(refusal, FormInvalid)
        assert {(broken.path, broken.rule, broken.kind) for broken in refusal.violations} == {
            ("request_id", "string.uuid", "string"),
            ("result.outcome", "enum.not_in", "enum"),
            ("result.reason", "string.min_len", "string"),
        }


async def test_an_unknown_enum_is_refused(open_house: Any) -> None:
    async with open_house() as house:
        refusal = await refused(house, LIST, work.ListWorkRequest(state=77))  # type: ignore[arg-type]
        assert [(broken.path, broken.rule) for broken in refusal.violations] == [("state", "enum.defined_only")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("nothing\0hidden", "string.pattern"),
        ("turned \u202egnp.exe", "string.pattern"),
        ("two\nlines", "string.pattern"),
        ("Zu\u0308rich", "text.normalised"),
        ("Arabic mark \u061c", "text.direction"),
        ("not assigned \U000e0080", "text.unassigned"),
        ("separated\u2028lines", "text.control"),
    ],
)
async def test_unwelcome_text_is_refused_and_not_repeated(open_house: Any, text: str, rule: str) -> None:
    async with open_house() as house:
        refusal = await refused(house, RECORD, result(reason=text))
        assert [(broken.path, broken.rule) for broken in refusal.violations] == [("result.reason", rule)]
        assert text not in str(refusal)
        assert text[:6] not in house.log_text()


async def test_text_of_many_languages_is_welcome(open_house: Any) -> None:
    async with open_house() as house:
        for text in ("宁波舟山港第二期", "Zürich\u00a0Süd", "Ελλάδα — №7", "\U0002000b\u3000🚢", "ماسک"):
            await house.caller().unary(RECORD, result(reason=text), work.RecordWorkResponse, timeout_seconds=5)


async def test_bytes_that_are_no_message_are_refused_without_internals(open_house: Any) -> None:
    async with open_house() as house, house.raw() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(LIST)(b"\x0f\xff\xff gate", timeout=5)
        refusal = refusal_of(failed.value.trailing_metadata(), failed.value.code())
        assert isinstance(refusal, Malformed)
        assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert failed.value.details() == "the bytes are not a message of the contract"


async def test_more_violations_than_metadata_can_carry_are_cut_and_counted(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(FormInvalid) as found:
            await anext(house.follow(positions=[LogPosition(sequence=-1)] * 200))
        *shown, last = found.value.violations
        assert shown[0].path == "positions[0].log"
        assert last.message == f"and {400 - len(shown)} more violations"
        assert len(to_status(found.value).SerializeToString()) <= LIMIT_BYTES


async def test_a_message_that_is_too_large_is_refused_by_its_length(open_house: Any) -> None:
    async with open_house(max_message_bytes=2**16) as house, house.raw() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(LIST)(bytes(2**17), timeout=5)
        assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert house.office.calls == []
