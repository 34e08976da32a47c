"""The undo twin of an assessment. Final, and valid also for what never arrived: the late original is then refused."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.lookups import CANCELLED, OPEN, TAKEN
from agencykit.decisions.open_work import EXAMINATION
from agencykit.decisions.requests import Claim, claim_request
from agencykit.decisions.sql import marked
from agencykit.refusals import StaleVersion, WithdrawalRefused
from agencykit.storage.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal as recorded first."""

    clearance_number: str
    version: int
    # Microseconds since 1970.
    time: int


def withdraw(connection: Connection, claim: Claim, now: int) -> Withdrawal:
    """Withdraws the claim's clearance and version for good.

    Refuses with RequestIdReused, StaleVersion (a higher version is known) or WithdrawalRefused.
    """
    fresh = claim_request(connection, claim, now)
    number, version = claim.clearance_number, claim.version
    _ensure_case(connection, number)
    cases = tables.cases.c
    columns = (cases.version, cases.seized_by, cases.withdrawn_version, cases.withdraw_time)
    case = connection.execute(select(*columns).where(cases.clearance_number == number).with_for_update()).one()
    if case.withdrawn_version is not None:
        return Withdrawal(number, case.withdrawn_version, case.withdraw_time)
    if not fresh:
        raise AssertionError("a withdrawal that was carried out left its tombstone")
    if version < case.version:
        raise StaleVersion(version, case.version)
    if rule_id := case.seized_by or _ordered_examination(connection, number):
        raise WithdrawalRefused(rule_id)
    _end(connection, number, version, now)
    write_audit(connection, [AuditEntry(now, claim.scope, "withdrawn", number, {"version": version})])
    return Withdrawal(number, version, now)


def _ensure_case(connection: Connection, number: str) -> None:
    """A row to lock and to lay the tombstone on, also for a clearance never seen."""
    row = {"clearance_number": number, "version": 0, "revision": 0, "digest": b"", "view_digest": b""}
    row |= {"outcome_digest": b"", "log": "", "sequence": 0, "seized_by": "", "due_time": None, "attempts": 0}
    insert_rows(connection, tables.cases, [row], on_conflict="ignore")


def _ordered_examination(connection: Connection, number: str) -> str:
    """The rules that ordered an examination not yet done; empty where there is none."""
    work = tables.work.c
    subjects = connection.scalar(
        select(work.subjects).where(
            work.clearance_number == number, work.kind == EXAMINATION, work.state.in_((OPEN, TAKEN))
        )
    )
    return ",".join(sorted(json.loads(subjects))) if subjects else ""


def _end(connection: Connection, number: str, version: int, now: int) -> None:
    tombstone = {"withdrawn_version": version, "withdraw_time": now, "due_time": None}
    connection.execute(update(tables.cases).where(tables.cases.c.clearance_number == number).values(tombstone))
    connection.execute(delete(tables.waits).where(tables.waits.c.clearance_number == number))
    sql = "UPDATE work SET state = ?, update_time = ? WHERE clearance_number = ? AND state IN (?, ?)"
    connection.exec_driver_sql(marked(connection, sql), (CANCELLED, now, number, OPEN, TAKEN))
