"""Transfers are issued, claimed, locked, taken back and carried over: one function, one transaction."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import claim_facts, wake
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import NotFound, StateForbids
from agencykit.storage import insert_rows, select_in
from inspection.domain.transfers import TRANSITIONS, Act, State
from inspection.operations.lodging import Entry, FactKey, enter_certificates
from inspection.storage.tables import certificates, transfers

MOST_PACKAGES = 256
_T = transfers.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """How a claim went: `right` tells whether the password was."""

    row: Row[Any]
    right: bool


def find(connection: Connection, number: str) -> Row[Any]:
    """The transfer as it stands; NotFound."""
    row = connection.execute(select(transfers).where(_T.number == number)).one_or_none()
    if row is None:
        raise NotFound("transfer", number)
    return row


def find_all(connection: Connection, numbers: Sequence[str]) -> Sequence[Row[Any]]:
    """Those of these transfers that are known, each once, in the order given."""
    rows = {row.number: row for row in select_in(connection, transfers, _T.number, numbers)}
    return [rows[number] for number in dict.fromkeys(numbers) if number in rows]


def check_claimable(row: Row[Any], claimant: str, district: str) -> bool:
    """Whether the claimant has claimed it already; NotFound or StateForbids where it cannot be claimed here and now."""
    if row.destination_district != district:
        raise NotFound("transfer", row.number)
    own = row.state == State.CLAIMED and row.claimant == claimant
    if not own and (Act.CLAIM, State(row.state)) not in TRANSITIONS:
        raise StateForbids(State(row.state).name, Act.CLAIM)
    return bool(own)


def issue(connection: Connection, row: Mapping[str, Any]) -> Iterable[FactKey]:
    """Stores a new transfer. One certificate is good in one place: StateForbids where it is in the register already, or
    on its way under another number."""
    claim_facts(connection)
    number = row["certificate_number"]
    if connection.scalar(select(func.count()).where(certificates.c.number == number)):
        raise StateForbids("REGISTERED", "issue")
    others = select(_T.state).where(_T.certificate_number == number, _T.state != State.CANCELLED)
    if (state := connection.scalar(others)) is not None:
        raise StateForbids(State(state).name, "issue")
    insert_rows(connection, transfers, [row])
    return ()


def cancel(connection: Connection, number: str, district: str) -> Iterable[FactKey]:
    """Takes back what this district has issued."""
    row = _locked(connection, number)
    if row.origin_district != district:
        raise NotFound("transfer", number)
    _move(connection, row, Act.CANCEL)
    return ()


def unlock(connection: Connection, number: str, tries: int) -> Iterable[FactKey]:
    """Gives a locked transfer its tries back."""
    _move(connection, _locked(connection, number), Act.UNLOCK, tries_left=tries)
    return ()


def claim(
    connection: Connection, asked: Claim, number: str, proof: bytes, entry: Entry, district: str, now: int
) -> Claimed:
    """Claims a transfer for `asked.scope` with the hash of the password given; `entry` is its certificate's row.

    A wrong try is counted and commits; the last one locks. Refuses with NotFound, StateForbids or RequestIdReused.
    """
    claim_facts(connection)
    row = _locked(connection, number)
    own = check_claimable(row, asked.scope, district)
    right = hmac.compare_digest(row.password_hash, proof)
    if right and not own:
        claim_request(connection, asked, now)
        _move(connection, row, Act.CLAIM, claimant=asked.scope, claim_time=now)
        wake(connection, enter_certificates(connection, [entry]))
    elif not right and not own:
        _count(connection, row)
    if not own:
        act = "transfer_claimed" if right else "transfer_refused"
        write_audit(connection, [AuditEntry(now, asked.scope, act, "", {"transfer": number})])
    return Claimed(find(connection, number), right)


class NothingWaits(Exception):
    """No transfer is to be handed over; the request id is not used up."""


def dispatch(connection: Connection, request_id: str, places: tuple[str, str]) -> Iterable[FactKey]:
    """Marks the oldest transfers from this district (the first) to another as sent under this request id.

    Raises NothingWaits where there are none.
    """
    district, destination = places
    if destination == district:
        raise NothingWaits
    waiting = (
        select(transfers)
        .where(_T.destination_district == destination, _T.origin_district == district, _T.state == State.ISSUED)
        .order_by(_T.issue_time, _T.number)
        .limit(MOST_PACKAGES)
        .with_for_update()
    )
    rows = connection.execute(waiting).all()
    if not rows:
        raise NothingWaits
    for row in rows:
        _move(connection, row, Act.DISPATCH, dispatch_id=request_id)
    return ()


def dispatched(connection: Connection, request_id: str) -> Sequence[Row[Any]]:
    """What was handed over under a request id."""
    found = select(transfers).where(_T.dispatch_id == request_id).order_by(_T.issue_time, _T.number)
    return connection.execute(found).all()


def receive(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Iterable[FactKey]:
    """Stores transfers of another district; those known stay as they are."""
    insert_rows(connection, transfers, sorted(rows, key=lambda row: str(row["number"])), on_conflict="ignore")
    return ()


def _locked(connection: Connection, number: str) -> Row[Any]:
    row = connection.execute(select(transfers).where(_T.number == number).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("transfer", number)
    return row


def _count(connection: Connection, row: Row[Any]) -> None:
    """One try less; after the last the transfer is locked."""
    left = row.tries_left - 1
    state = row.state if left else TRANSITIONS[Act.LOCK, State(row.state)]
    connection.execute(update(transfers).where(_T.number == row.number).values(tries_left=left, state=state))


def _move(connection: Connection, row: Row[Any], act: Act, **changed: Any) -> None:
    state = TRANSITIONS.get((act, State(row.state)))
    if state is None:
        raise StateForbids(State(row.state).name, act)
    connection.execute(update(transfers).where(_T.number == row.number).values(state=state, **changed))
