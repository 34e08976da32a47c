"""Past traffic out of customs' decision log: what was declared, what was known, what was found."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.storage.rows import Fields, rows_in, run
from agencykit.storage.times import from_micros
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.domain.risk.backtest import Decided, Examined, Past
from customs.domain.risk.selection import lane_of
from customs.domain.risk.snapshot import period_of
from customs.storage import tables
from customs.storage.risk import standing_marks
from customs.storage.risk_report import Span

CHUNK = 256
Read = Callable[[bytes], ConsignmentView]
_VERSION = ("clearance_number", "version", "consignment", "accept_time")
_DECISION = ("clearance_number", "version", "revision", "facts")
_EXAMINATION = ("clearance_number", "period", "found")


def numbers(connection: Connection, span: Span, period_micros: int, most: int) -> list[str]:
    """Consignments first accepted in the span, by the hour and within it by number."""
    begin, end = (bound * period_micros for bound in span)
    # One more than `most` tells the caller that there are too many.
    return [number for number, _ in run(connection, _NUMBERS, (begin, end, period_micros, most + 1))]


_NUMBERS = (
    "SELECT c.clearance_number, c.accept_time FROM consignments c WHERE c.accept_time >= ? AND c.accept_time < ? "
    "AND c.version = (SELECT min(first.version) FROM consignments first "
    "WHERE first.clearance_number = c.clearance_number) "
    "ORDER BY c.accept_time / ?, c.clearance_number LIMIT ?"
)


def past(
    connection: Connection, wanted: Sequence[str], reference: Reference, read: Read
) -> Iterator[tuple[Past, bool]]:
    """Each of them in their order, and whether its decisions were made by other lists than these."""
    for place in range(0, len(wanted), CHUNK):
        chunk = wanted[place : place + CHUNK]
        versions, decisions, examined = (
            _by_number(rows_in(connection, table, columns, ("clearance_number",), chunk))
            for table, columns in (
                (kit.consignments, _VERSION),
                (kit.decisions, _DECISION),
                (tables.risk_examinations, _EXAMINATION),
            )
        )
        marks = standing_marks(connection, chunk)
        for number in chunk:
            yield _past(
                number,
                versions[number],
                decisions[number],
                examined.get(number),
                reference,
                read,
                marks.get(number, {}),
            )


def _by_number(rows: Sequence[Fields]) -> defaultdict[str, list[Fields]]:
    found: defaultdict[str, list[Fields]] = defaultdict(list)
    for number, *rest in sorted(rows):
        found[number].append(tuple(rest))
    return found


def _past(
    number: str,
    versions: Sequence[Fields],
    decisions: Sequence[Fields],
    examined: Sequence[Fields] | None,
    reference: Reference,
    read: Read,
    marks: Mapping[Any, Any],
) -> tuple[Past, bool]:
    first = versions[0][0]
    views = {version: (read(bytes(content)), from_micros(moment)) for version, content, moment in versions}
    made, other = [], False
    for version, _, recorded in decisions:
        view, moment = views[version]
        said = json.loads(bytes(recorded))
        other = other or said["edition"] != reference.edition
        made.append(Decided(view, _facts(view, said, reference), moment, version == first))
    result = Examined(examined[0][0], bool(examined[0][1])) if examined else None
    return Past(number, period_of(views[first][1]), made, result, lane_of(marks.values())), other


def _facts(view: ConsignmentView, said: Mapping[str, Any], reference: Reference) -> Facts:
    """As much of the recorded facts as criteria ask for."""
    enterprise, broker = said["enterprise"], said["broker"]
    return Facts(
        reference,
        tuple([reference.commodity(item.code, view.direction) for item in view.items]),
        enterprise and _enterprise(enterprise),
        broker and Broker(broker["licence"], quality_percent=broker["quality_percent"]),
    )


def _enterprise(said: Mapping[str, Any]) -> Enterprise:
    names = ("valid_from_time", "valid_until_time", "high_tech_until_time")
    begin, end, certified = (said[name] and datetime.fromisoformat(said[name]) for name in names)
    enterprise_class = EnterpriseClass[said["enterprise_class"]]
    return Enterprise(said["identifier"], enterprise_class, begin, end, said["suspended"], certified)
