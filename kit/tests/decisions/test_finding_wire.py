"""Findings and waiting put together by hand are what protobuf would have written."""

import pytest

from agencykit.decisions.finding_wire import finding_bytes, waiting_bytes
from agencykit.rules import Finding, RequiredAction, Verdict
from clearance.common.v1 import decision_pb2 as pb

FINDINGS = [
    Finding("CUS-174", 1, Verdict.APPROVED),
    Finding("CUS-101", 300, Verdict.INFORMATION_REQUESTED, {"items": "3, 200", "codes": ""}, (3, 200, 999)),
    Finding("POR-404", 1, Verdict.HOLD, {"zh": "集装箱 \U00020000", "a": "\uffff", "b": ""}, (), ("CSQU3054383", "箱")),
    Finding("CUS-105", 2, Verdict.REFUSED, {"prefix": "x" * 300}, (1,), ("A", "B"), RequiredAction.SEIZE),
    Finding(
        "CUS-141",
        1,
        Verdict.APPROVED_WITH_OBLIGATIONS,
        required_action=RequiredAction.PAY,
        amount_minor_units=2**62,
        currency_code="CNY",
        resolved=True,
    ),
    Finding("CUS-142", 1, Verdict.APPROVED, currency_code="CNY"),
    Finding("INS-226", 1, Verdict.APPROVED, {"until": "2004-12-05T00:00Z"}, (1,), foreseen=True),
]


def by_protobuf(found: Finding) -> bytes:
    message = pb.Finding(
        rule_id=found.rule_id,
        rule_version=found.rule_version,
        effect=pb.Decision.Verdict.ValueType(found.effect),
        parameters=found.parameters,
        required_action=pb.Finding.RequiredAction.ValueType(found.required_action),
        amount_minor_units=found.amount_minor_units,
        currency_code=found.currency_code,
        resolved=found.resolved,
        foreseen=found.foreseen,
    )
    if found.item_numbers or found.container_numbers:
        message.scope.item_numbers.extend(found.item_numbers)
        message.scope.container_numbers.extend(found.container_numbers)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("found", FINDINGS, ids=lambda found: str(found.rule_id))
def test_a_finding_is_byte_for_byte_the_messages_own(found: Finding) -> None:
    assert finding_bytes(found) == by_protobuf(found)


@pytest.mark.parametrize("entry", [("trader", "licence", "L-1", "CUS-122"), ("broker", "", "", "CUS-101")])
def test_so_is_whom_it_waits_for(entry: tuple[str, str, str, str]) -> None:
    party, fact_kind, fact_key, rule_id = entry
    message = pb.Waiting(
        kind=pb.Waiting.KIND_PERSON, party=party, fact_kind=fact_kind, fact_key=fact_key, rule_id=rule_id
    )
    assert waiting_bytes(pb.Waiting.KIND_PERSON, *entry) == message.SerializeToString()
