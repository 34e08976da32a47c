"""From an outcome to the leaf that is signed and logged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agencykit.evidence.wire import field, varint
from agencykit.rules import Awaited, Finding, Outcome, Verdict
from clearance.common.v1 import decision_pb2 as pb

MOST_WAITING = 256
MOST_FINDINGS = 4096
# Verdicts that wait for somebody; only with these does a decision list whom.
WAITING_VERDICTS = frozenset({Verdict.PENDING, Verdict.INFORMATION_REQUESTED, Verdict.EXAMINE, Verdict.HOLD})
OFFICER_RESULT = "officer_result"
LABORATORY_RESULT = "laboratory_result"


def awaited_by(finding: Finding, agency: str) -> tuple[Awaited, ...]:
    """Whom a finding waits for: as its rule says, else the broker for information and the agency's officers."""
    if finding.resolved or finding.effect not in WAITING_VERDICTS:
        return ()
    if finding.sampled:
        return (Awaited(agency, LABORATORY_RESULT),)
    if finding.awaited:
        return finding.awaited
    if finding.effect is Verdict.INFORMATION_REQUESTED:
        return (Awaited("broker"),)
    return (Awaited(agency, OFFICER_RESULT),)


def outcome_content(outcome: Outcome, agency: str) -> bytes:
    """The bytes of a Decision with verdict, findings and waiting only: what makes one answer differ from another."""
    if not outcome.findings and outcome.verdict not in WAITING_VERDICTS:
        return _BARE[outcome.verdict]
    leaf = pb.Decision(verdict=_verdict(outcome.verdict))
    leaf.findings.extend([_finding(found) for found in _told(outcome)])
    if outcome.verdict in WAITING_VERDICTS:
        leaf.waiting.extend(_waiting(outcome.findings, agency))
    return leaf.SerializeToString(deterministic=True)


def _told(outcome: Outcome) -> Sequence[Finding]:
    """The findings; of more than the contract takes, those first that made the verdict."""
    if len(outcome.findings) <= MOST_FINDINGS:
        return outcome.findings
    return sorted(outcome.findings, key=lambda found: found.resolved or found.effect != outcome.verdict)[:MOST_FINDINGS]


@dataclass(frozen=True, slots=True)
class Common:
    """What all leaves of one transaction say alike, in wire form: fields 1 and 2, 11 and 12, 14."""

    party: bytes
    rules_and_log: bytes
    time: bytes


def common_parts(agency: str, district: str, rule_set_version: str, log: str, decide_time: datetime) -> Common:
    """Made once for a transaction."""
    timed = pb.Decision()
    timed.decide_time.FromDatetime(decide_time)
    return Common(
        pb.Decision(agency=agency, district=district).SerializeToString(),
        pb.Decision(rule_set_version=rule_set_version, log=log).SerializeToString(),
        timed.SerializeToString(),
    )


def decision_leaf(
    common: Common,
    clearance_number: str,
    version: int,
    consignment_digest: bytes,
    revision: int,
    outcome: bytes,
    sequence: int,
    carried_forward_version: int,
    facts_digest: bytes,
) -> bytes:
    """The leaf, a serialised Decision, put together by hand field by field as protobuf would write it.

    `outcome` is `outcome_content`'s; numbers but the carried version are above zero, digests have 32 bytes.
    """
    return b"".join(
        (
            common.party,
            field(3, clearance_number.encode()),
            b"\x20" + varint(version),
            b"\x2a\x20",
            consignment_digest,
            b"\x30" + varint(revision),
            outcome,
            common.rules_and_log,
            b"\x68" + varint(sequence),
            common.time,
            b"\x78" + varint(carried_forward_version) if carried_forward_version else b"",
            b"\x82\x01\x20",
            facts_digest,
        )
    )


# `json.dumps` with these arguments would make an encoder for each call. Facts are plain values and hold no circles.
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


def canonical_facts(facts: Mapping[str, Any]) -> bytes:
    """The record of the facts used: JSON, keys sorted, no spaces, UTF-8."""
    return _canonical(facts).encode()


def _verdict(verdict: Verdict) -> "pb.Decision.Verdict.ValueType":
    return _VERDICTS[verdict]


_VERDICTS = {verdict: pb.Decision.Verdict.ValueType(verdict) for verdict in Verdict}
_BARE = {verdict: pb.Decision(verdict=_verdict(verdict)).SerializeToString() for verdict in Verdict}


def _finding(found: Finding) -> pb.Finding:
    message = pb.Finding(
        rule_id=found.rule_id,
        rule_version=found.rule_version,
        effect=_verdict(found.effect),
        parameters=found.parameters,
        required_action=pb.Finding.RequiredAction.ValueType(found.required_action),
        amount_minor_units=found.amount_minor_units,
        currency_code=found.currency_code,
        resolved=found.resolved,
    )
    if found.item_numbers or found.container_numbers:
        message.scope.item_numbers.extend(found.item_numbers)
        message.scope.container_numbers.extend(found.container_numbers)
    return message


def _waiting(findings: Iterable[Finding], agency: str) -> list[pb.Waiting]:
    entries = {
        (found.rule_id, awaited.party, awaited.fact_kind, awaited.fact_key): None
        for found in findings
        for awaited in awaited_by(found, agency)
    }
    return [
        pb.Waiting(kind=pb.Waiting.KIND_PERSON, party=party, fact_kind=kind, fact_key=key, rule_id=rule_id)
        for rule_id, party, kind, key in list(entries)[:MOST_WAITING]
    ]
