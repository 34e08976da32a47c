"""From an outcome to the leaf that is signed and logged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from agencykit.decisions.finding_wire import finding_bytes, scope_bytes, terms_bytes, waiting_bytes
from agencykit.evidence.wire import field, varint
from agencykit.rules import Awaited, Finding, Outcome, Stage, Verdict, gravest
from clearance.common.v1 import decision_pb2 as pb

MOST_WAITING = 256
MOST_FINDINGS = 4096
# Verdicts that wait for somebody; with these, and with an approval of a part or on a guarantee, a decision lists whom.
WAITING_VERDICTS = frozenset({Verdict.PENDING, Verdict.INFORMATION_REQUESTED, Verdict.EXAMINE, Verdict.HOLD})
OFFICER_RESULT = "officer_result"
LABORATORY_RESULT = "laboratory_result"
DOCUMENT = "document"


def awaited_by(finding: Finding, agency: str) -> tuple[Awaited, ...]:
    """Whom a finding waits for: as its rule says, else the broker for information and the agency's officers."""
    if finding.resolved or finding.effect not in WAITING_VERDICTS:
        return ()
    if finding.stage is Stage.SAMPLED:
        return (Awaited(agency, LABORATORY_RESULT),)
    if finding.stage is Stage.ASKED:
        return (Awaited("broker", DOCUMENT),)
    if finding.awaited:
        return finding.awaited
    if finding.effect is Verdict.INFORMATION_REQUESTED:
        return (Awaited("broker"),)
    return (Awaited(agency, OFFICER_RESULT),)


def outcome_content(outcome: Outcome, agency: str) -> bytes:
    """The bytes of a Decision with verdict, scope, findings and waiting only: with `guarantee_content` what makes one
    answer another.

    An approval of a part waits for whoever must act on the rest, one on a guarantee for whoever settles what is open.
    """
    if not outcome.findings and outcome.verdict not in WAITING_VERDICTS:
        return _BARE[outcome.verdict]
    found = b"".join([field(9, finding_bytes(each)) for each in _told(outcome)])
    if outcome.part is not None:
        scope = field(8, scope_bytes(outcome.part.items, outcome.part.containers))
        return _BARE[outcome.verdict] + scope + found + _waiting(outcome.findings, agency)
    content = _BARE[outcome.verdict] + found
    waits = outcome.verdict in WAITING_VERDICTS or outcome.guarantee is not None
    return content + _waiting(outcome.findings, agency) if waits else content


def guarantee_content(outcome: Outcome) -> bytes:
    """The bytes of the terms, which stand at the end of a Decision; empty where there are none."""
    if outcome.guarantee is None:
        return b""
    content = terms_bytes(outcome.guarantee)
    return b"\x8a\x01" + varint(len(content)) + content


def _told(outcome: Outcome) -> Sequence[Finding]:
    """The findings; of more than the contract takes, those first that made the verdict."""
    if len(outcome.findings) <= MOST_FINDINGS:
        return outcome.findings
    verdict = outcome.verdict if outcome.guarantee is None else gravest(outcome.findings)
    return sorted(outcome.findings, key=lambda found: found.resolved or found.effect != verdict)[:MOST_FINDINGS]


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
    guarantee: bytes = b"",
) -> bytes:
    """The leaf, a serialised Decision, put together by hand field by field as protobuf would write it.

    `outcome` is `outcome_content`'s, `guarantee` `guarantee_content`'s; numbers but the carried version are above zero,
    digests have 32 bytes.
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
            guarantee,
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
