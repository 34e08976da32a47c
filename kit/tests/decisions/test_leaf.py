"""A leaf put together by hand is the Decision that protobuf would have written."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from agencykit.decisions.leaf import MOST_FINDINGS, common_parts, decision_leaf, guarantee_content, outcome_content
from agencykit.rpc.validation import validate
from agencykit.rules import Awaited, Finding, GuaranteeKind, GuaranteeTerms, Outcome, Verdict
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.decision_pb2 import GuaranteeTerms as Message

NOW = datetime(2026, 11, 22, 8, 30, 0, 250_000, tzinfo=UTC)
FACTS = sha256(b"facts").digest()
DIGEST = sha256(b"consignment").digest()
PENDING = Finding("BOR-1", 2, Verdict.PENDING, {"b": "2", "a": "1"}, (1, 2), awaited=(Awaited("carrier", "crew", "7"),))
LEAST = GuaranteeTerms((GuaranteeKind.TAX,), 1, "CNY", covered=False)
MOST = GuaranteeTerms(tuple(GuaranteeKind), 2**63 - 1, "CNY", covered=True)
GRANTED = GuaranteeTerms((GuaranteeKind.VALUATION,), 500, "CNY", False, ("19XX0040191000015", "19XX0040191000024"), 90)
OUTCOMES = [Outcome(verdict, ()) for verdict in Verdict] + [
    Outcome(Verdict.PENDING, (PENDING,)),
    Outcome(Verdict.PENDING, (PENDING,), guarantee=LEAST),
    Outcome(Verdict.PENDING, (PENDING,), guarantee=GRANTED),
    Outcome(Verdict.APPROVED_WITH_OBLIGATIONS, (PENDING,), guarantee=MOST),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
@pytest.mark.parametrize(("version", "revision", "sequence", "carried"), [(1, 1, 1, 0), (300, 128, 2**40, 299)])
def test_it_is_byte_for_byte_the_messages_own(
    outcome: Outcome, version: int, revision: int, sequence: int, carried: int
) -> None:
    common = common_parts("border", "ningbo", "border-2004.1", "border/1", NOW)
    content, terms = outcome_content(outcome, "border"), guarantee_content(outcome)
    message = Decision.FromString(content + terms)
    assert message.verdict == outcome.verdict
    assert len(message.findings) == len(outcome.findings)
    message.MergeFrom(
        Decision(
            agency="border",
            district="ningbo",
            clearance_number="31002026TV7WB00EX59Y",
            version=version,
            consignment_digest=DIGEST,
            revision=revision,
            rule_set_version="border-2004.1",
            log="border/1",
            sequence=sequence,
            carried_forward_version=carried,
            facts_digest=FACTS,
        )
    )
    message.decide_time.FromDatetime(NOW)
    leaf = decision_leaf(
        common, "31002026TV7WB00EX59Y", version, DIGEST, revision, content, sequence, carried, FACTS, terms
    )
    validate(message)
    assert leaf == message.SerializeToString(deterministic=True)


def test_a_rule_set_without_a_version_leaves_the_field_out() -> None:
    common = common_parts("border", "ningbo", "", "border/1", NOW)
    leaf = decision_leaf(
        common, "31002026TV7WB00EX59Y", 1, DIGEST, 1, outcome_content(OUTCOMES[0], "border"), 1, 0, FACTS
    )
    message = Decision.FromString(leaf)
    assert message.rule_set_version == ""
    assert message.SerializeToString(deterministic=True) == leaf


@pytest.mark.parametrize("terms", [LEAST, MOST, GRANTED], ids=["least", "most", "granted"])
def test_terms_of_a_guarantee_are_told_as_they_are(terms: GuaranteeTerms) -> None:
    told = Decision.FromString(guarantee_content(Outcome(Verdict.HOLD, (), guarantee=terms))).guarantee
    kinds = [Message.Kind.ValueType(kind) for kind in terms.kinds]
    rest = {"covered": terms.covered, "granted_grns": terms.granted_grns, "settle_days": terms.settle_days}
    amount, currency = terms.amount_minor_units, terms.currency_code
    assert told == Message(kinds=kinds, amount_minor_units=amount, currency_code=currency, **rest)


def test_an_approval_on_a_guarantee_tells_who_must_settle_what_is_open() -> None:
    told = Decision.FromString(
        outcome_content(Outcome(Verdict.APPROVED_WITH_OBLIGATIONS, (PENDING,), guarantee=MOST), "border")
    )
    assert [(each.party, each.rule_id) for each in told.waiting] == [("carrier", "BOR-1")]


def test_of_too_many_findings_an_approval_on_a_guarantee_tells_those_first_that_are_open() -> None:
    remarks = (Finding("BOR-0", 1, Verdict.APPROVED_WITH_OBLIGATIONS),) * MOST_FINDINGS
    outcome = Outcome(Verdict.APPROVED_WITH_OBLIGATIONS, (*remarks, PENDING), guarantee=MOST)
    assert Decision.FromString(outcome_content(outcome, "border")).findings[0].rule_id == "BOR-1"
