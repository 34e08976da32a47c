"""Recalls come in and are lifted."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from agencykit.decisions.due import claim_facts, mark_due
from agencykit.decisions.tables import cases, decisions
from agencykit.refusals import NotFound, StateForbids
from agencykit.rules import Verdict
from agencykit.storage import insert_rows, select_in
from inspection.operations.lodging import Entry, FactKey
from inspection.storage.tables import recalls


def register_recalls(connection: Connection, entries: Sequence[Entry], now: int) -> Iterable[FactKey]:
    """Stores recalls, in force or lifted, and has the goods decided again; NotFound or StateForbids.

    A recall that is entered again keeps the time when it first came.
    """
    claim_facts(connection)
    numbers = sorted({entry["clearance_number"] for entry in entries} - {""})
    _check(connection, numbers)
    newest = {entry["number"]: entry for entry in entries}
    before = {row.number: row for row in select_in(connection, recalls, recalls.c.number, newest)}
    rows = [
        {**newest[number], "enter_time": before[number].enter_time if number in before else now}
        for number in sorted(newest)
    ]
    insert_rows(connection, recalls, rows, on_conflict="replace")
    changed = [*newest.values(), *(row._asdict() for row in before.values())]
    mark_due(connection, {each["clearance_number"] for each in changed} - {""})
    return {("producer", each["producer_identifier"]) for each in changed if each["producer_identifier"]}


def _check(connection: Connection, numbers: Sequence[str]) -> None:
    """Each clearance must be one on which inspection has a say."""
    columns = (cases.c.clearance_number, cases.c.log, cases.c.sequence, cases.c.withdrawn_version)
    known = {row.clearance_number: row for row in select_in(connection, columns, cases.c.clearance_number, numbers)}
    places = {(row.log, row.sequence) for row in known.values()}
    verdicts = {
        row.clearance_number: row.verdict
        for row in select_in(
            connection,
            (decisions.c.clearance_number, decisions.c.verdict),
            (decisions.c.log, decisions.c.sequence),
            places,
        )
    }
    for number in numbers:
        if number not in known:
            raise NotFound("clearance", number)
        if known[number].withdrawn_version is not None:
            raise StateForbids("WITHDRAWN", "recall")
        if verdicts[number] == Verdict.NOT_SUBJECT:
            raise StateForbids(Verdict.NOT_SUBJECT.name, "recall")
