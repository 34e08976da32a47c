"""Refusals and the contract's list of reasons say the same."""

import re
from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyPb
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from agencykit.refusals import (
    KINDS,
    REASONS,
    FormInvalid,
    NotFound,
    Refusal,
    RemoteRefusal,
    StaleVersion,
    Violation,
    from_status,
    to_status,
)

PROTO = Path(__file__).resolve().parents[2] / "protos" / "clearance" / "common" / "v1" / "refusal.proto"
ENTRY = re.compile(r"((?:\s*//[^\n]*\n)+)\s*REASON_([A-Z_]+) = [1-9]")


def contract() -> dict[str, tuple[str, list[str]]]:
    """Each reason's gRPC code and metadata keys, as its comment states them."""
    stated = {}
    for comment, reason in ENTRY.findall(PROTO.read_text("utf-8")):
        text = " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())
        [code] = [name for name in grpc.StatusCode.__members__ if f" {name}." in text]
        keys = re.findall(r"Metadata: ([^.(]*)", text)
        stated[reason] = (code, [key.strip() for key in keys[0].split(",")] if keys else [])
    return stated


def made(kind: type[Refusal]) -> Refusal:
    """A refusal of this kind with memorable values."""
    if kind is FormInvalid:
        return FormInvalid([Violation("items[2].number", "int32.gte", "must be at least 1", "int32")])
    _, keys = contract()[kind.reason]
    return kind(**{key: f"the {key}" for key in keys})


def test_every_reason_of_the_contract_has_a_class_and_none_is_invented() -> None:
    assert set(KINDS) == set(REASONS)
    assert set(contract()) == set(REASONS)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_code_and_metadata_are_the_contracts(reason: str) -> None:
    code, keys = contract()[reason]
    kind = KINDS[reason]
    assert kind.code is grpc.StatusCode[code]
    assert sorted(made(kind).metadata) == sorted(keys)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_refusal_survives_the_wire(reason: str) -> None:
    sent = made(KINDS[reason])
    came = from_status(Status.FromString(to_status(sent).SerializeToString()))
    assert type(came) is type(sent)
    assert (came.metadata, came.violations, str(came)) == (sent.metadata, sent.violations, str(sent))


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_text_names_its_values(reason: str) -> None:
    assert "not stated" not in str(made(KINDS[reason]))


def test_a_foreign_implementation_may_leave_metadata_out() -> None:
    status = Status(code=9, message="nej")
    status.details.add().Pack(ErrorInfo(reason="STALE_VERSION", domain="clearance"))
    came = from_status(status)
    assert isinstance(came, StaleVersion)
    assert "(current_version not stated)" in str(came)


def test_a_reason_of_a_later_contract_is_still_a_refusal_and_passes_on_unchanged() -> None:
    status = Status(code=9, message="later")
    status.details.add().Pack(ErrorInfo(reason="QUOTA_SPENT", domain="clearance"))
    came = from_status(status)
    assert isinstance(came, RemoteRefusal)
    again = to_status(came)
    assert (again.code, again.details[0].value) == (9, status.details[0].value)


@pytest.mark.parametrize(
    "status",
    [
        Status(code=14, message="connection reset"),
        Status(code=5, details=[AnyPb(type_url="type.googleapis.com/google.rpc.Help", value=b"")]),
    ],
)
def test_a_status_without_a_reason_of_ours_is_no_refusal(status: Status) -> None:
    assert from_status(status) is None


def test_a_reason_of_another_domain_is_no_refusal() -> None:
    status = Status(code=7)
    status.details.add().Pack(ErrorInfo(reason="NOT_FOUND", domain="googleapis.com"))
    assert from_status(status) is None


def test_a_violation_description_with_brackets_is_read_back() -> None:
    broken = Violation("a", "string.pattern", "does not match `^[0-9]*$`", "string")
    came = from_status(to_status(FormInvalid([broken])))
    assert came is not None
    assert came.violations == (broken,)


def test_only_infrastructure_reasons_are_transient() -> None:
    transient = {reason for reason, kind in KINDS.items() if kind.transient}
    assert transient == {
        *("OVERLOADED", "UNAVAILABLE", "LOG_UNWRITABLE", "FAULT_INJECTED", "DEADLINE_TOO_SHORT", "INTERNAL"),
        *("REVOCATIONS_STALE", "PARTNER_UNAVAILABLE"),
    }
    assert not NotFound.transient
