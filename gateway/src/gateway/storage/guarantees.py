"""Uses of guarantees, one row each. Every change is on condition of the state that it had.

`table` is that of uses for clearances; movements in transit have one of their own, of the same form.
"""

import json
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Table

from agencykit.storage.rows import Fields, insert, rows_in, run, run_many, update
from gateway.domain.guarantee import OPEN, GuaranteeRelease, ReleaseState, Terms
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind
from gateway.storage.tables import guarantee_releases

_COLUMNS = tuple(guarantee_releases.columns.keys())
_CHANGING = (
    *("state", "confirm_time", "end_time", "refusals", "amend_until", "claimant", "claim_reason", "due_time"),
    *("attempts", "settle_by", "end_request_id"),
)
_DUE = """
SELECT number FROM {table} WHERE due_time IS NOT NULL AND home = ? AND due_time <= ? ORDER BY due_time LIMIT ?
"""
# One that is confirmed may be due at the end of its term. What is set aside stays so (domain.quarantine).
_WAKE = f"""
UPDATE guarantee_releases SET due_time = ?
WHERE number = ? AND state IN (1, 2, 3) AND (due_time IS NULL OR (state = 3 AND due_time > ?))
AND NOT EXISTS (
  SELECT 1 FROM quarantine AS q
  WHERE q.number = guarantee_releases.number AND q.kind = {int(Kind.GUARANTEE)} AND q.state = 1
)
"""
_OPEN = ", ".join(str(int(state)) for state in sorted(OPEN))


def load_releases(
    connection: Connection, numbers: Iterable[str], table: Table = guarantee_releases
) -> dict[str, list[GuaranteeRelease]]:
    """Number -> all of one case, by generation."""
    found: dict[str, list[GuaranteeRelease]] = {number: [] for number in numbers}
    for row in sorted(rows_in(connection, table, _COLUMNS, ("number",), found)):
        found[row[0]].append(_release(row))
    return found


def due_releases(
    connection: Connection, home: str, now: Micros, most: int, table: Table = guarantee_releases
) -> list[str]:
    """Cases with a use of which a step is to be taken at this home, the longest due first."""
    return list(
        dict.fromkeys(number for (number,) in run(connection, _DUE.format(table=table.name), (home, now, most)))
    )


def insert_releases(
    connection: Connection, made: Iterable[GuaranteeRelease], table: Table = guarantee_releases
) -> None:
    """New ones."""
    insert(connection, table, [_row(each) for each in made])


def update_releases(
    connection: Connection,
    moved: Iterable[tuple[GuaranteeRelease, GuaranteeRelease]],
    table: Table = guarantee_releases,
) -> None:
    """Writes (before, after), those that still are in the state they had."""
    rows = [(*_changing(after), after.number, after.generation, int(before.state)) for before, after in moved]
    update(connection, table, _CHANGING, ("number", "generation", "state"), rows)


def wake_releases(connection: Connection, numbers: Collection[str], now: Micros) -> None:
    """The uses of these cases are looked at: something has become of the case."""
    run_many(connection, _WAKE, [(now, number, now) for number in sorted(numbers)])


def set_due(
    connection: Connection,
    number: str,
    home: str,
    generation: int | None,
    due_time: Micros | None,
    table: Table = guarantee_releases,
) -> None:
    """When the next step of one open use at a home is taken, or of all of them there (None); None is never."""
    text = f"UPDATE {table.name} SET due_time = ? WHERE number = ? AND home = ? AND state IN ({_OPEN})"
    if generation is None:
        run(connection, text, (due_time, number, home))
    else:
        run(connection, f"{text} AND generation = ?", (due_time, number, home, generation))


def _changing(one: GuaranteeRelease) -> Fields:
    return (
        *(int(one.state), one.confirm_time, one.end_time, json.dumps(one.refusals), one.amend_until),
        *(one.claimant, one.claim_reason, one.due_time, one.attempts, one.settle_by, one.end_request_id),
    )


def _row(one: GuaranteeRelease) -> Fields:
    terms = one.terms
    return (
        *(one.number, one.generation, int(one.state), json.dumps(terms.kinds), terms.units, terms.currency_code),
        *(json.dumps(one.grns), one.home, one.broker, one.request_id, one.request_time, one.confirm_time, one.end_time),
        *(json.dumps(one.refusals), one.amend_until, one.claimant, one.claim_reason, one.due_time, one.attempts),
        *(one.version, int(one.by_scheme), one.settle_by, one.end_request_id),
    )


def _release(row: Fields) -> GuaranteeRelease:
    number, generation, state, kinds, units, currency_code, grns, home, broker, request_id, *rest = row
    request_time, confirm_time, end_time, refusals, amend_until, claimant, claim_reason, due_time, *more = rest
    attempts, version, by_scheme, settle_by, end_request_id = more
    return GuaranteeRelease(
        number=number,
        generation=generation,
        state=ReleaseState(state),
        terms=Terms(tuple(json.loads(kinds)), units, currency_code),
        grns=tuple(json.loads(grns)),
        home=home,
        broker=broker,
        request_id=request_id,
        request_time=request_time,
        confirm_time=confirm_time,
        end_time=end_time,
        refusals=tuple(json.loads(refusals)),
        amend_until=amend_until,
        claimant=claimant,
        claim_reason=claim_reason,
        due_time=due_time,
        attempts=attempts,
        version=version,
        by_scheme=bool(by_scheme),
        settle_by=settle_by,
        end_request_id=end_request_id,
    )
