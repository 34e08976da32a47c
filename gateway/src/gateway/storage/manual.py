"""Manual releases: inserted when they are proposed, changed as they are ordered, taken back and reconciled."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, run, run_many, update
from gateway.domain.case import Case
from gateway.domain.emergency import Emergency
from gateway.domain.manual import Act, Fallback, Manual, ManualState
from gateway.domain.proposal import MANUAL_RELEASE, Proposal
from gateway.domain.states import BEFORE_RELEASE
from gateway.storage.emergencies import load_emergencies
from gateway.storage.proposals import proposals_of
from gateway.storage.scopes import from_text, to_text
from gateway.storage.tables import manual_releases

_COLUMNS = tuple(manual_releases.columns.keys())
_KEY = ("number", "serial")
_LAPSE = "UPDATE manual_releases SET state = 5 WHERE number = ? AND serial = ?"
_END = "UPDATE proposals SET state = 3, end_time = ? WHERE number = ? AND act = ? AND subject = ? AND state = 1"
_CHANGING = (
    *("table_version", "state", "second_reason", "order_number", "revoker", "revoke_reason", "revoke_time"),
    *("settler", "settle_reason", "settle_time", "ordinal", "used_units"),
)


def load_manuals(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Manual]]:
    """Number -> its manual releases, by serial; no query for no number."""
    rows = sorted(rows_in(connection, manual_releases, _COLUMNS, ("number",), dict.fromkeys(numbers)))
    if not rows:
        return {}
    proposed = proposals_of(connection, MANUAL_RELEASE, {row[0] for row in rows})
    under = load_emergencies(connection, {row[17] for row in rows if row[17]})
    found: dict[str, list[Manual]] = {}
    for row in rows:
        proposal = next(each for each in proposed[row[0]] if each.subject == str(row[1]))
        found.setdefault(row[0], []).append(_manual(row, proposal, under))
    return found


def _manual(row: Fields, proposal: Proposal, under: Mapping[str, Emergency]) -> Manual:
    number, serial, version, scope, absent, reason_code, paper_number, table, state, second_reason, order, *rest = row
    revoker, revoke_reason, revoke_time, settler, settle_reason, settle_time, emergency, *fallback = rest
    return Manual(
        *(number, serial, version, from_text(scope), tuple(absent.split()), reason_code, paper_number, table),
        *(proposal, ManualState(state), second_reason, order, Act(revoker, revoke_reason, revoke_time)),
        *(Act(settler, settle_reason, settle_time), _fallback(under[emergency], fallback) if emergency else None),
    )


def _fallback(emergency: Emergency, row: Sequence[object]) -> Fallback:
    ordinal, units, used_units, currency, guarantee = row
    return fallback_of(emergency, int(ordinal), int(units), int(used_units), str(currency), str(guarantee))  # type: ignore[call-overload]


def fallback_of(
    emergency: Emergency, ordinal: int, units: int, used_units: int, currency: str, guarantee: str
) -> Fallback:
    """A release under this emergency; `ordinal` 0 while it is only proposed."""
    declaring = emergency.declaring
    return Fallback(
        *(emergency.number, ordinal, units, used_units, currency, guarantee),
        *(emergency.plan_version, emergency.measure, declaring.proposer, declaring.second),
        *(emergency.begin_time or 0, emergency.end_time or 0, emergency.most_releases, emergency.most_units),
    )


def insert_manual(connection: Connection, made: Manual) -> None:
    """One that is proposed."""
    fallback = made.fallback
    under = ("", 0, 0, 0, "", "")
    if fallback is not None:
        under = (fallback.emergency, 0, fallback.units, 0, fallback.currency, fallback.guarantee)
    absent, acts = " ".join(made.absent), ("", "", None, "", "", None)
    said = (made.reason_code, made.paper_number, made.table, int(made.state), "", 0)
    row = (made.number, made.serial, made.version, to_text(made.scope), absent, *said, *acts, *under)
    insert(connection, manual_releases, [row])


def update_manuals(connection: Connection, changed: Sequence[Manual]) -> None:
    """What may change of these. Whoever calls holds their cases' rows."""
    rows = [
        (
            *(each.table, int(each.state), each.second_reason, each.order_number),
            *(each.revoked.officer, each.revoked.reason, each.revoked.time),
            *(each.settled.officer, each.settled.reason, each.settled.time),
            *((each.fallback.ordinal, each.fallback.used_units) if each.fallback else (0, 0)),
            *(each.number, each.serial),
        )
        for each in changed
    ]
    if update(connection, manual_releases, _CHANGING, _KEY, rows) != len(rows):
        raise RuntimeError("a manual release is gone")


def store_manuals(connection: Connection, changed: Iterable[tuple[Case, Case]]) -> None:
    """Of cases (before, after) those whose manual release has changed."""
    found = [after.manual for before, after in changed if after.manual is not None and after.manual != before.manual]
    if found:
        update_manuals(connection, found)


def lapse_proposed(connection: Connection, changed: Sequence[tuple[Case, Case]]) -> None:
    """Of cases (before, after) that were released, withdrawn or are gone: what was only proposed can no longer be
    ordered, and counts as taken back.
    """
    over = [
        after.number
        for before, after in changed
        if before.state in BEFORE_RELEASE and after.state not in BEFORE_RELEASE
    ]
    rows = rows_in(connection, manual_releases, ("number", "serial", "state"), ("number",), over)
    lapsed = sorted((number, serial) for number, serial, state in rows if state == ManualState.PROPOSED)
    moments = {after.number: after.update_time for _, after in changed}
    run_many(connection, _LAPSE, lapsed)
    run_many(connection, _END, [(moments[number], number, MANUAL_RELEASE, str(serial)) for number, serial in lapsed])


def page_of_manuals(connection: Connection, emergency: str, after: tuple[str, int], size: int) -> list[tuple[str, int]]:
    """(number, serial) of the next ones after this: of an emergency, or of all those that are not reconciled."""
    where, parameters = ("emergency = ?", [emergency]) if emergency else ("state IN (1, 2, 3)", [])
    text = (
        f"SELECT number, serial FROM manual_releases WHERE {where} AND (number > ? OR number = ? AND serial > ?) "
        "ORDER BY number, serial LIMIT ?"
    )
    return [(number, serial) for number, serial in run(connection, text, (*parameters, after[0], *after, size))]
