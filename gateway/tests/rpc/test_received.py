"""A verified decision as the gateway counts it."""

from clearance.common.v1.decision_pb2 import Decision, Finding, Scope, Waiting
from clearance.common.v1.evidence_pb2 import SignedDecision
from gateway.domain.decision import OBLIGATION
from gateway.domain.scope import Scope as Part
from gateway.rpc.evidence import received

BOX = "CSQU3054383"
DUTY = Finding(
    rule_id="CUS-301",
    effect=Decision.VERDICT_APPROVED_WITH_OBLIGATIONS,
    required_action=Finding.REQUIRED_ACTION_PAY,
)


def test_a_yes_to_a_part_says_what_is_owed_and_whom_the_rest_waits_for() -> None:
    decision = Decision(verdict=Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, findings=[DUTY])
    decision.scope.container_numbers.append(BOX)
    decision.waiting.append(Waiting(kind=Waiting.KIND_PERSON, party="customs", fact_kind="officer_result"))
    value = received(decision, SignedDecision(), "customs").decision
    assert value.scope == Part(containers=frozenset({BOX}))
    assert [(wait.party, wait.fact_kind) for wait in value.waits] == [
        ("customs", "officer_result"),
        ("trader", OBLIGATION),
    ]


def test_a_scope_that_names_nothing_is_the_whole() -> None:
    for decision in (Decision(verdict=Decision.VERDICT_APPROVED), Decision(scope=Scope())):
        assert received(decision, SignedDecision(), "customs").decision.scope is None
