"""A leaf put together by hand is the Decision that protobuf would have written."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from agencykit.decisions.leaf import common_parts, decision_leaf, outcome_content
from agencykit.rules import Awaited, Finding, Outcome, Verdict
from clearance.common.v1.decision_pb2 import Decision

NOW = datetime(2026, 11, 22, 8, 30, 0, 250_000, tzinfo=UTC)
FACTS = sha256(b"facts").digest()
DIGEST = sha256(b"consignment").digest()
PENDING = Finding("BOR-1", 2, Verdict.PENDING, {"b": "2", "a": "1"}, (1, 2), awaited=(Awaited("carrier", "crew", "7"),))
OUTCOMES = [Outcome(verdict, ()) for verdict in Verdict] + [Outcome(Verdict.PENDING, (PENDING,))]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
@pytest.mark.parametrize(("version", "revision", "sequence", "carried"), [(1, 1, 1, 0), (300, 128, 2**40, 299)])
def test_it_is_byte_for_byte_the_messages_own(
    outcome: Outcome, version: int, revision: int, sequence: int, carried: int
) -> None:
    common = common_parts("border", "ningbo", "border-2004.1", "border/1", NOW)
    content = outcome_content(outcome, "border")
    message = Decision.FromString(content)
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
    leaf = decision_leaf(common, "31002026TV7WB00EX59Y", version, DIGEST, revision, content, sequence, carried, FACTS)
    assert leaf == message.SerializeToString(deterministic=True)


def test_a_rule_set_without_a_version_leaves_the_field_out() -> None:
    common = common_parts("border", "ningbo", "", "border/1", NOW)
    leaf = decision_leaf(
        common, "31002026TV7WB00EX59Y", 1, DIGEST, 1, outcome_content(OUTCOMES[0], "border"), 1, 0, FACTS
    )
    message = Decision.FromString(leaf)
    assert message.rule_set_version == ""
    assert message.SerializeToString(deterministic=True) == leaf
