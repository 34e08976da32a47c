"""Decisions of others that are given with a consignment: kept as they were signed, read for rules.

Whether they prove anything is the gateway's to say, which gives none that it has not verified.
"""

from collections.abc import Iterable
from functools import lru_cache

from agencykit.rules import Finding, Given, RequiredAction, Verdict
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1 import decision_pb2
from clearance.common.v1.evidence_pb2 import SignedDecision


def stored(signed: Iterable[SignedDecision]) -> bytes:
    """As one value of a row."""
    return AssessmentItem(depends_on=signed).SerializeToString()


@lru_cache(maxsize=256)
def read_given(content: bytes) -> tuple[Given, ...]:
    """What rules may know of them; a decision made again reads the same."""
    signed = AssessmentItem.FromString(content).depends_on
    return tuple([_given(decision_pb2.Decision.FromString(each.decision)) for each in signed])


def _given(decision: decision_pb2.Decision) -> Given:
    return Given(
        decision.agency,
        decision.district,
        Verdict(decision.verdict),
        tuple([_finding(found) for found in decision.findings]),
    )


def _finding(found: decision_pb2.Finding) -> Finding:
    return Finding(
        found.rule_id,
        found.rule_version,
        Verdict(found.effect),
        dict(found.parameters),
        tuple(found.scope.item_numbers),
        tuple(found.scope.container_numbers),
        RequiredAction(found.required_action),
        resolved=found.resolved,
    )
