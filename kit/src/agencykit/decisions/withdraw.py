"""The undo twin of an assessment. Final, and valid also for what never arrived: the late original is then refused."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.agency import CaseLedger
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import claim_facts, wake
from agencykit.decisions.lookups import CANCELLED, EXAMINATION, LABORATORY, OPEN, SCAN, TAKEN
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import RecordPurged, StaleVersion, WithdrawalRefused
from agencykit.storage.bulk import insert_rows
from agencykit.storage.rows import change, for_update, run
from agencykit.storage.times import from_micros

_OF_CASE = "FROM cases WHERE clearance_number = ?"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal as recorded first."""

    clearance_number: str
    version: int
    # Microseconds since 1970.
    time: int


def withdraw(connection: Connection, claim: Claim, now: int, ledger: CaseLedger | None = None) -> Withdrawal:
    """Withdraws the claim's clearance and version for good; what it held in the ledger becomes free for others.

    Refuses with RequestIdReused, StaleVersion (a higher version is known), WithdrawalRefused or
    RecordPurged.
    """
    if ledger is not None:
        claim_facts(connection)
    fresh = claim_request(connection, claim, now)
    number, version = claim.clearance_number, claim.version
    _ensure_case(connection, number)
    text = f"SELECT version, seized_by, withdrawn_version, withdraw_time, purge_time {_OF_CASE}{for_update(connection)}"
    [(known, seized_by, withdrawn_version, withdraw_time, purge_time)] = run(connection, text, (number,))
    if withdrawn_version is not None:
        return Withdrawal(number, withdrawn_version, withdraw_time)
    if purge_time is not None:
        raise RecordPurged("clearance", number)
    if not fresh:
        raise AssertionError("a withdrawal that was carried out left its tombstone")
    if version < known:
        raise StaleVersion(version, known)
    if rule_id := seized_by or _ordered_examination(connection, number):
        raise WithdrawalRefused(rule_id)
    _end(connection, number, version, now)
    if ledger is not None:
        wake(connection, ledger.give_back(connection, number, version, from_micros(now)))
    write_audit(connection, [AuditEntry(now, claim.scope, "withdrawn", number, {"version": version})])
    return Withdrawal(number, version, now)


def _ensure_case(connection: Connection, number: str) -> None:
    """A row to lock and to lay the tombstone on, also for a clearance never seen."""
    row = {"clearance_number": number, "version": 0, "revision": 0, "digest": b"", "outcome_digest": b""}
    row |= {"log": "", "sequence": 0, "seized_by": "", "due_time": None, "attempts": 0}
    insert_rows(connection, tables.cases, [row], on_conflict="ignore")


def _ordered_examination(connection: Connection, number: str) -> str:
    """The rules that ordered an examination or a test not yet done; empty where there is none."""
    text = "SELECT subjects FROM work WHERE clearance_number = ? AND kind IN (?, ?, ?) AND state IN (?, ?)"
    found = run(connection, text, (number, EXAMINATION, LABORATORY, SCAN, OPEN, TAKEN))
    return ",".join(sorted(json.loads(found[0][0]))) if found else ""


def _end(connection: Connection, number: str, version: int, now: int) -> None:
    tombstone = "UPDATE cases SET withdrawn_version = ?, withdraw_time = ?, due_time = NULL WHERE clearance_number = ?"
    change(connection, tombstone, (version, now, number))
    change(connection, "DELETE FROM waits WHERE clearance_number = ?", (number,))
    cancelled = "UPDATE work SET state = ?, update_time = ? WHERE clearance_number = ? AND state IN (?, ?)"
    change(connection, cancelled, (CANCELLED, now, number, OPEN, TAKEN))
