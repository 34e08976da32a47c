"""The end of every deciding transaction: leaf, log, seal, and all rows that belong to the decisions.

(1) leaves      what each decision says, with its revision and place in the log
(2) seal        chain, Merkle root, one signature
(3) rows        decisions, versions, cases, waits: one statement per table
(4) work        officers' work that the decisions open or close
(5) ledger      what the agency itself keeps for each clearance, where it keeps any

A crash before the commit leaves nothing of it; after the commit the same request is answered from these rows.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.candidates import Candidate, Decided, Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.due import wake_others
from agencykit.decisions.earlier import unchanged
from agencykit.decisions.leaf import (
    Common,
    canonical_facts,
    common_parts,
    decision_leaf,
    guarantee_content,
    outcome_content,
)
from agencykit.decisions.log import Head, advance, read_head, store_seal
from agencykit.decisions.open_work import reconcile_work
from agencykit.evidence import SealedBatch, seal_batch
from agencykit.rules import RequiredAction, Verdict
from agencykit.storage.rows import Fields, delete_in, insert, update
from agencykit.storage.times import to_micros

_CALENDAR_END = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Entry:
    """One decision about to be logged."""

    judged: Judged
    # Verdict, findings and waiting as bytes, then the terms of a guarantee, and the digest of both.
    outcome: bytes
    guarantee: bytes
    digest: bytes
    facts: bytes
    revision: int
    # Whether it would only repeat the case's last decision.
    repeats: bool
    # When it must be decided again although nothing new has come, in microseconds since 1970.
    due: int | None


def record(connection: Connection, decider: Decider, judged: Sequence[Judged], now: datetime) -> list[Decided | None]:
    """Logs a decision for each judged candidate; None where it would only repeat the case's last one.

    LogUnwritable for a writer that was fenced out, also where there is nothing new to log: it judges by old rules.
    """
    before = read_head(connection, decider.log, decider.epoch)
    entries = [_entry(decider, one, now) for one in judged]
    fresh = [entry for entry in entries if not entry.repeats]
    signed = iter(_log(connection, decider, before, fresh, now) if fresh else ())
    _store_waits(connection, judged)
    _set_due(connection, [entry for entry in entries if entry.repeats])
    # (4)
    reconcile_work(connection, decider, judged, now)
    # (5)
    _store_ledger(connection, decider, judged, now)
    return [None if entry.repeats else next(signed) for entry in entries]


def _store_ledger(connection: Connection, decider: Decider, judged: Sequence[Judged], now: datetime) -> None:
    if decider.definition.ledger is None:
        return
    holders = [one.holder for one in judged if one.holder is not None]
    freed = decider.definition.ledger.store(connection, holders, now)
    if freed:
        wake_others(connection, freed, [holder.clearance_number for holder in holders])


def _entry(decider: Decider, judged: Judged, now: datetime) -> _Entry:
    outcome, case = outcome_content(judged.outcome, decider.agency), judged.case
    guarantee = guarantee_content(judged.outcome)
    digest = sha256(outcome + guarantee).digest()
    revision = case.revision if case else 0
    repeats = (
        case is not None and case.version == judged.candidate.version and revision > 0 and case.outcome_digest == digest
    )
    facts = canonical_facts(judged.facts)
    return _Entry(judged, outcome, guarantee, digest, facts, revision + 1, repeats, _due(judged, now))


def _due(judged: Judged, now: datetime) -> int | None:
    """Just after it ends; what had ended already was decided so, and with the calendar's last moment nothing ends."""
    expiry = judged.expiry
    return to_micros(expiry) + 1 if expiry is not None and now <= expiry < _CALENDAR_END else None


def _log(
    connection: Connection, decider: Decider, before: Head, entries: Sequence[_Entry], now: datetime
) -> list[Decided]:
    # (1)
    first = before.sequence + 1
    common = common_parts(decider.agency, decider.district, decider.definition.rule_set_version, decider.log, now)
    carried = _carried(connection, decider, entries)
    contents = [_leaf(entry, common, sequence, carried) for sequence, entry in enumerate(entries, start=first)]
    # (2)
    sealed = seal_batch(
        decider.signer,
        agency=decider.agency,
        district=decider.district,
        log=decider.log,
        first_sequence=first,
        previous_head=before.head,
        decisions=contents,
        seal_time=now,
    )
    advance(connection, decider.log, decider.epoch, before, Head(before.sequence + len(entries), sealed.head))
    # (3)
    store_seal(connection, decider.log, first, sealed)
    _store_decisions(connection, decider.log, first, entries, contents, sealed)
    _store_versions(connection, [entry.judged.candidate for entry in entries if _is_new_version(entry)], now)
    _store_cases(connection, decider.log, first, entries)
    return [
        Decided(signed, int(entry.judged.outcome.verdict), entry.judged.candidate.version, entry.revision)
        for entry, signed in zip(entries, sealed.signed(contents), strict=True)
    ]


def _carried(connection: Connection, decider: Decider, entries: Sequence[_Entry]) -> set[tuple[str, int]]:
    """The (clearance number, version) whose decision stands unchanged in an amendment that changes nothing here."""
    alike = [
        (entry.judged.candidate, case.version)
        for entry in entries
        if (case := entry.judged.case) is not None
        and case.revision
        and case.version < entry.judged.candidate.version
        and case.outcome_digest == entry.digest
    ]
    return unchanged(connection, decider.definition, alike) if alike else set()


def _leaf(entry: _Entry, common: Common, sequence: int, carried: Set[tuple[str, int]]) -> bytes:
    candidate, case = entry.judged.candidate, entry.judged.case
    kept = case.version if case is not None and (candidate.clearance_number, case.version) in carried else 0
    return decision_leaf(
        common,
        candidate.clearance_number,
        candidate.version,
        candidate.digest,
        entry.revision,
        entry.outcome,
        sequence,
        kept,
        sha256(entry.facts).digest(),
        entry.guarantee,
    )


def _store_decisions(
    connection: Connection,
    log: str,
    first: int,
    entries: Sequence[_Entry],
    contents: Sequence[bytes],
    sealed: SealedBatch,
) -> None:
    rows = [
        (
            log,
            sequence,
            entry.judged.candidate.clearance_number,
            entry.judged.candidate.version,
            entry.revision,
            int(entry.judged.outcome.verdict),
            content,
            proof,
            first,
            entry.facts,
        )
        for sequence, (entry, content, proof) in enumerate(
            zip(entries, contents, sealed.proofs, strict=True), start=first
        )
    ]
    insert(connection, tables.decisions, rows)


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
            candidate.originator,
            to_micros(candidate.accept_time),
            candidate.traceparent,
            candidate.tracestate,
            candidate.given,
            moment,
        )
        for candidate in candidates
    ]
    insert(connection, tables.consignments, rows)


def _store_cases(connection: Connection, log: str, first: int, entries: Sequence[_Entry]) -> None:
    """New ones are inserted, never replaced: a tombstone laid meanwhile must win, and breaks this transaction."""
    new: list[Fields] = []
    known: list[Fields] = []
    for sequence, entry in enumerate(entries, start=first):
        (new if entry.judged.case is None else known).append(_case_row(entry, log, sequence))
    insert(connection, tables.cases, new, columns=(*_CASE, "clearance_number"))
    update(connection, tables.cases, _CASE, ("clearance_number",), known)


_CASE = (
    "version",
    "revision",
    "digest",
    "outcome_digest",
    "log",
    "sequence",
    "seized_by",
    "due_time",
    "attempts",
)


def _case_row(entry: _Entry, log: str, sequence: int) -> Fields:
    """Values of _CASE and the clearance's number."""
    candidate = entry.judged.candidate
    return (
        candidate.version,
        entry.revision,
        candidate.digest,
        entry.digest,
        log,
        sequence,
        _seized_by(entry.judged),
        entry.due,
        0,
        candidate.clearance_number,
    )


def _seized_by(judged: Judged) -> str:
    for found in judged.outcome.findings:
        if found.effect is Verdict.REFUSED and found.required_action is RequiredAction.SEIZE and not found.resolved:
            return found.rule_id
    return ""


def _store_waits(connection: Connection, judged: Sequence[Judged]) -> None:
    known = [(one.candidate.clearance_number,) for one in judged if one.case is not None]
    delete_in(connection, tables.waits, ("clearance_number",), sorted(known))
    rows = [(one.candidate.clearance_number, kind, key) for one in judged for kind, key in sorted(one.fact_keys)]
    insert(connection, tables.waits, rows)


def _set_due(connection: Connection, entries: Sequence[_Entry]) -> None:
    rows = [(entry.due, 0, entry.judged.candidate.clearance_number) for entry in entries]
    update(connection, tables.cases, ("due_time", "attempts"), ("clearance_number",), rows)
