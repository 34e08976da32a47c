"""The end of every deciding transaction: leaf, log, seal, and all rows that belong to the decisions.

(1) leaves      what each decision says, with its revision and place in the log
(2) seal        chain, Merkle root, one signature
(3) rows        decisions, versions, cases, waits: one statement per table
(4) work        officers' work that the decisions open or close

A crash before the commit leaves nothing of it; after the commit the same request is answered from these rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection, delete

from agencykit.decisions import tables
from agencykit.decisions.candidates import Candidate, Decided, Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.leaf import canonical_facts, outcome_digest, outcome_leaf
from agencykit.decisions.log import Head, advance, read_head, store_seal
from agencykit.decisions.open_work import reconcile_work
from agencykit.evidence import SealedBatch, seal_batch
from agencykit.rules import RequiredAction, Verdict
from agencykit.storage.bulk import insert_rows, update_rows
from agencykit.storage.times import to_micros
from clearance.common.v1.decision_pb2 import Decision


@dataclass(slots=True)
class _Entry:
    """One decision about to be logged."""

    judged: Judged
    leaf: Decision
    digest: bytes
    facts: bytes
    content: bytes = b""


def record(connection: Connection, decider: Decider, judged: Sequence[Judged], now: datetime) -> list[Decided | None]:
    """Logs a decision for each judged candidate; None where it would only repeat the case's last one.

    LogUnwritable for a writer that was fenced out, also where there is nothing new to log: it judges by old rules.
    """
    before = read_head(connection, decider.log, decider.epoch)
    entries = [_entry(decider, one) for one in judged]
    fresh = [entry for entry in entries if not _repeats(entry)]
    signed = iter(_log(connection, decider, before, fresh, now) if fresh else ())
    _store_waits(connection, judged)
    _clear_due(connection, [entry.judged for entry in entries if _repeats(entry)])
    reconcile_work(connection, decider, judged, now)
    return [None if _repeats(entry) else next(signed) for entry in entries]


def _entry(decider: Decider, judged: Judged) -> _Entry:
    leaf = outcome_leaf(judged.outcome, decider.agency)
    return _Entry(judged, leaf, outcome_digest(leaf), canonical_facts(judged.facts))


def _repeats(entry: _Entry) -> bool:
    case = entry.judged.case
    return (
        case is not None
        and case.version == entry.judged.candidate.version
        and case.revision > 0
        and case.outcome_digest == entry.digest
    )


def _log(
    connection: Connection, decider: Decider, before: Head, entries: Sequence[_Entry], now: datetime
) -> list[Decided]:
    # (1)
    first = before.sequence + 1
    moment = Timestamp()
    moment.FromDatetime(now)
    for sequence, entry in enumerate(entries, start=first):
        _complete(decider, entry, sequence, moment)
    # (2)
    sealed = seal_batch(
        decider.signer,
        agency=decider.agency,
        district=decider.district,
        log=decider.log,
        first_sequence=first,
        previous_head=before.head,
        decisions=[entry.content for entry in entries],
        seal_time=now,
    )
    advance(connection, decider.log, decider.epoch, before, Head(before.sequence + len(entries), sealed.head))
    # (3)
    store_seal(connection, decider.log, first, sealed)
    _store_decisions(connection, decider.log, first, entries, sealed)
    _store_versions(connection, [entry.judged.candidate for entry in entries if _is_new_version(entry)], now)
    _store_cases(connection, entries)
    return [
        Decided(sealed.signed(index, entry.content), entry.leaf.verdict, entry.leaf.version, entry.leaf.revision)
        for index, entry in enumerate(entries)
    ]


def _complete(decider: Decider, entry: _Entry, sequence: int, moment: Timestamp) -> None:
    candidate, case, leaf = entry.judged.candidate, entry.judged.case, entry.leaf
    leaf.agency = decider.agency
    leaf.district = decider.district
    leaf.clearance_number = candidate.clearance_number
    leaf.version = candidate.version
    leaf.consignment_digest = candidate.digest
    leaf.revision = (case.revision if case else 0) + 1
    leaf.rule_set_version = decider.definition.rule_set_version
    leaf.log = decider.log
    leaf.sequence = sequence
    leaf.facts_digest = sha256(entry.facts).digest()
    if case and case.revision and case.version < candidate.version:
        unchanged = case.view_digest == candidate.view_digest and case.outcome_digest == entry.digest
        leaf.carried_forward_version = case.version if unchanged else 0
    leaf.decide_time.CopyFrom(moment)
    entry.content = leaf.SerializeToString(deterministic=True)


def _store_decisions(
    connection: Connection, log: str, first: int, entries: Sequence[_Entry], sealed: SealedBatch
) -> None:
    rows = [
        (
            log,
            first + index,
            entry.leaf.clearance_number,
            entry.leaf.version,
            entry.leaf.revision,
            entry.leaf.verdict,
            entry.content,
            sealed.proofs[index].SerializeToString(),
            first,
            entry.facts,
        )
        for index, entry in enumerate(entries)
    ]
    insert_rows(connection, tables.decisions, rows)


def _is_new_version(entry: _Entry) -> bool:
    case = entry.judged.case
    return case is None or case.version < entry.judged.candidate.version


def _store_versions(connection: Connection, candidates: Sequence[Candidate], now: datetime) -> None:
    moment = to_micros(now)
    rows = [
        (
            candidate.clearance_number,
            candidate.version,
            candidate.digest,
            candidate.consignment,
            candidate.view_digest,
            candidate.originator,
            to_micros(candidate.accept_time),
            candidate.traceparent,
            candidate.tracestate,
            moment,
        )
        for candidate in candidates
    ]
    insert_rows(connection, tables.consignments, rows)


def _store_cases(connection: Connection, entries: Sequence[_Entry]) -> None:
    """New ones are inserted, never replaced: a tombstone laid meanwhile must win, and breaks this transaction."""
    new = [_case_row(entry) for entry in entries if entry.judged.case is None]
    insert_rows(connection, tables.cases, new)
    known = [_case_row(entry) for entry in entries if entry.judged.case is not None]
    for row in known:
        del row["withdrawn_version"], row["withdraw_time"]
    update_rows(connection, tables.cases, ["clearance_number"], known)


def _case_row(entry: _Entry) -> dict[str, Any]:
    candidate, leaf = entry.judged.candidate, entry.leaf
    return {
        "clearance_number": candidate.clearance_number,
        "version": candidate.version,
        "revision": leaf.revision,
        "digest": candidate.digest,
        "view_digest": candidate.view_digest,
        "outcome_digest": entry.digest,
        "log": leaf.log,
        "sequence": leaf.sequence,
        "seized_by": _seized_by(entry.judged),
        "due_time": None,
        "attempts": 0,
        "withdrawn_version": None,
        "withdraw_time": None,
    }


def _seized_by(judged: Judged) -> str:
    for found in judged.outcome.findings:
        if found.effect is Verdict.REFUSED and found.required_action is RequiredAction.SEIZE and not found.resolved:
            return found.rule_id
    return ""


def _store_waits(connection: Connection, judged: Sequence[Judged]) -> None:
    waits = tables.waits.c
    known = sorted(one.candidate.clearance_number for one in judged if one.case is not None)
    if known:
        connection.execute(delete(tables.waits).where(waits.clearance_number.in_(known)))
    rows = [(one.candidate.clearance_number, kind, key) for one in judged for kind, key in sorted(one.fact_keys)]
    insert_rows(connection, tables.waits, rows)


def _clear_due(connection: Connection, judged: Sequence[Judged]) -> None:
    rows = [{"clearance_number": one.candidate.clearance_number, "due_time": None, "attempts": 0} for one in judged]
    update_rows(connection, tables.cases, ["clearance_number"], rows)
