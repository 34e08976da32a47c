"""Cases with their asks and withdrawals. Every change of a case is conditional on its epoch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, update
from gateway.domain.case import Case, Surety, Withdrawal
from gateway.domain.commitment import Commitment
from gateway.domain.exit import MAY_LEAVE
from gateway.domain.identifiers import Micros
from gateway.domain.policy import applied_policy
from gateway.domain.states import LEFT, State
from gateway.storage import asks, waits
from gateway.storage.exits import load_out
from gateway.storage.manual import lapse_proposed, load_manuals, store_manuals
from gateway.storage.quarantine import note_questions
from gateway.storage.scopes import load_parts, store_parts
from gateway.storage.tables import cases, withdrawals

_CASE_COLUMNS = tuple(cases.columns.keys())
_WITHDRAWAL_COLUMNS = tuple(withdrawals.columns.keys())
_CHANGING = (
    *("state", "version", "digest", "policy", "update_time", "release_time", "order_number", "etag", "waiting"),
    *(
        "waiting_parties",
        "asks",
        "withdrawal_round",
        "surety",
        "manual",
        "claimed_by",
        "claimed_until",
        "due_time",
        "change",
    ),
)
_MANUAL = _CASE_COLUMNS.index("manual")
_LEASE = ("claimed_by", "claimed_until", "due_time")


class FencedOff(Exception):
    """A case changed hands although its row was locked: nothing of the transaction may stand."""


@dataclass(frozen=True, slots=True)
class Hold:
    """How a case is left by a write: its lease, when it is due, and its place among the changes (0: none)."""

    claimed_by: str
    claimed_until: Micros
    due_time: Micros | None
    change: int = 0


def load_cases(connection: Connection, numbers: Iterable[str], *, lock: bool = False) -> dict[str, Case]:
    """Cases by number; a number that is not known is left out. `lock` keeps them until the end of the transaction."""
    rows = rows_in(connection, cases, _CASE_COLUMNS, ("number",), dict.fromkeys(numbers), lock="wait" if lock else "")
    found = {row[0]: _case(row) for row in rows}
    _with_withdrawals(connection, {number: case for number, case in found.items() if case.withdrawal})
    in_part = [number for number, case in found.items() if case.state is State.PARTLY_RELEASED]
    for number, part in load_parts(connection, in_part).items():
        found[number].part = part
    released = [number for number, case in found.items() if case.state in MAY_LEAVE or case.state in LEFT]
    for number, (out, recovered) in load_out(connection, released).items():
        found[number].out, found[number].recovered = tuple(out), tuple(recovered)
    by_hand = {row[0]: row[_MANUAL] for row in rows if row[_MANUAL]}
    for number, manuals in load_manuals(connection, by_hand).items():
        found[number].manual = manuals[by_hand[number] - 1]
    return found


def lock_cases(connection: Connection, numbers: Iterable[str]) -> dict[str, int]:
    """The epochs of cases by number, kept until the end of the transaction, without reading the rest."""
    return dict(rows_in(connection, cases, ("number", "epoch"), ("number",), dict.fromkeys(numbers), lock="wait"))


def _case(row: Fields) -> Case:
    number, broker, reference, state, version, digest, policy, hours, rule_id, start, *rest = row
    journey, keys, trace, created, updated, released, order_number, etag, waiting, _, asked, *rest = rest
    round_number, urgent, surety, _, _, _, epoch, _, _ = rest
    return Case(
        number=number,
        broker=broker,
        reference=reference,
        state=State(state),
        version=version,
        digest=bytes(digest),
        policy=applied_policy(policy),
        commitment=Commitment(hours, rule_id, start),
        trace=trace,
        create_time=created,
        update_time=updated,
        release_time=released,
        order_number=order_number,
        etag=etag,
        waiting=waits.from_text(waiting),
        withdrawal=Withdrawal(round_number, version, "", "", 0) if round_number else None,
        asks=asks.from_text(asked),
        urgent=bool(urgent),
        epoch=epoch,
        journey=journey,
        keys=tuple(keys.split("|")[1:-1]),
        surety=Surety(surety),
    )


def _with_withdrawals(connection: Connection, found: dict[str, Case]) -> None:
    for row in rows_in(connection, withdrawals, _WITHDRAWAL_COLUMNS, ("number",), found):
        number, round_number, version, request_id, reason, request_time, assertion = row
        case = found[number]
        if case.withdrawal and case.withdrawal.round == round_number:
            case.withdrawal = Withdrawal(round_number, version, request_id, reason, request_time, bytes(assertion))


def insert_cases(connection: Connection, added: Sequence[tuple[Case, Hold]]) -> None:
    """New cases with their asks, none of which is parked yet."""
    rows = [
        (
            *(case.number, case.broker, case.reference, int(case.state), case.version, case.digest),
            *(case.policy.text, case.commitment.hours, case.commitment.rule_id, case.commitment.start_time),
            *(case.journey, waits.listed(case.keys), case.trace, case.create_time, case.update_time),
            *(case.release_time, case.order_number, case.etag),
            *(waits.to_text(case.waiting), waits.parties(case.waiting), asks.to_text(case.asks), 0, int(case.urgent)),
            *(int(case.surety), 0, hold.claimed_by, hold.claimed_until, case.epoch, hold.due_time, hold.change),
        )
        for case, hold in added
    ]
    insert(connection, cases, rows)


def update_cases(connection: Connection, changed: Sequence[tuple[Case, Case, Hold]]) -> None:
    """Writes what may change of cases (before, after) whose rows are locked, each on condition of its epoch; else
    FencedOff.
    """
    rows = [(*_changing(case, hold), case.number, case.epoch) for _, case, hold in changed]
    _update(connection, _CHANGING, rows)
    pairs = [(before, after) for before, after, _ in changed]
    asks.update_parked(connection, pairs)
    note_questions(connection, pairs)
    store_parts(connection, pairs)
    store_manuals(connection, pairs)
    lapse_proposed(connection, pairs)


def update_holds(connection: Connection, kept: Sequence[tuple[Case, Hold]]) -> None:
    """As `update_cases`, for cases that are as they were: only lease and due time."""
    rows = [(hold.claimed_by, hold.claimed_until, hold.due_time, case.number, case.epoch) for case, hold in kept]
    _update(connection, _LEASE, rows)


def _update(connection: Connection, names: tuple[str, ...], rows: Sequence[Fields]) -> None:
    changed = update(connection, cases, names, ("number", "epoch"), rows)
    if changed != len(rows):
        raise FencedOff(f"{len(rows) - changed} of {len(rows)}")


def take_over(connection: Connection, case: Case) -> None:
    """Takes a locked case from whoever holds it, by raising its epoch by one."""
    if update(connection, cases, ("epoch",), ("number", "epoch"), [(case.epoch + 1, case.number, case.epoch)]) != 1:
        raise FencedOff(case.number)


def _changing(case: Case, hold: Hold) -> tuple[object, ...]:
    return (
        *(int(case.state), case.version, case.digest, case.policy.text, case.update_time, case.release_time),
        *(case.order_number, case.etag, waits.to_text(case.waiting), waits.parties(case.waiting)),
        *(asks.to_text(case.asks), case.withdrawal.round if case.withdrawal else 0, int(case.surety)),
        *(case.manual.serial if case.manual else 0, hold.claimed_by, hold.claimed_until, hold.due_time, hold.change),
    )


def insert_withdrawal(connection: Connection, number: str, withdrawal: Withdrawal) -> None:
    """A withdrawal asked for."""
    row = (number, withdrawal.round, withdrawal.version, withdrawal.request_id, withdrawal.reason)
    insert(connection, withdrawals, [(*row, withdrawal.request_time, withdrawal.assertion)])
