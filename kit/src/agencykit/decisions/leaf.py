"""From an outcome to the leaf that is signed and logged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from agencykit.decisions.finding_wire import finding_bytes, waiting_bytes
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
    content = _BARE[outcome.verdict] + b"".join([field(9, finding_bytes(found)) for found in _told(outcome)])
    return content + _waiting(outcome.findings, agency) if outcome.verdict in WAITING_VERDICTS else content


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


_BARE = {
    verdict: pb.Decision(verdict=pb.Decision.Verdict.ValueType(verdict)).SerializeToString() for verdict in Verdict
}


def _waiting(findings: Iterable[Finding], agency: str) -> bytes:
    entries = {
        (awaited.party, awaited.fact_kind, awaited.fact_key, found.rule_id): None
        for found in findings
        for awaited in awaited_by(found, agency)
    }
    person = pb.Waiting.KIND_PERSON
    return b"".join([field(10, waiting_bytes(person, *entry)) for entry in islice(entries, MOST_WAITING)])
