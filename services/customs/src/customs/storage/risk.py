"""Risk selection's own tables: secret, profiles, snapshots, marks, results."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agencykit.agency import Holder, WorkDone
from agencykit.decisions import tables as kit
from agencykit.storage.rows import Fields, insert, rows_in, run, run_many
from agencykit.storage.times import from_micros, to_micros
from customs.domain.facts import Facts
from customs.domain.risk.profile import Lane, Profile
from customs.domain.risk.selection import Mark, Selection, Way
from customs.domain.risk.snapshot import Snapshot, Stratum, period_of
from customs.domain.risk.tally import DRAWN_RED, role
from customs.storage import tables
from customs.storage.risk_profile import parse_profile

# Number of clearance.agency.v1.Work.Kind.
EXAMINATION = 1
_MARK = ("clearance_number", "stratum", "version", "lane", "way", "draw", "rate")


def keep_secret(connection: Connection, fresh: bytes) -> bytes:
    """The secret; `fresh` becomes it where there is none yet."""
    insert(connection, tables.risk_secrets, [(1, fresh)], "ignore")
    return secret(connection)


def secret(connection: Connection) -> bytes:
    """The secret that was made at the first start."""
    [(kept,)] = run(connection, "SELECT secret FROM risk_secrets WHERE id = 1")
    return bytes(kept)


def keep_profile(connection: Connection, content: str, edition: str, now: datetime) -> None:
    """Puts a profile in force from now on, unless it is in force; the first is in force from the beginning."""
    newest = run(connection, "SELECT edition FROM risk_profiles ORDER BY from_time DESC LIMIT 1")
    if not newest or newest[0][0] != edition:
        begin = to_micros(now) if newest else 0
        insert(connection, tables.risk_profiles, [(edition, begin, content)], "ignore")


def profiles(connection: Connection) -> list[tuple[datetime, Profile]]:
    """Every profile and since when it is in force, newest first."""
    found = run(connection, "SELECT from_time, content FROM risk_profiles ORDER BY from_time DESC")
    return [(from_micros(moment), parse_profile(content)) for moment, content in found]


def standing_marks(connection: Connection, numbers: Iterable[str]) -> dict[str, dict[Stratum, Mark]]:
    """The marks of these clearances."""
    found: dict[str, dict[Stratum, Mark]] = {}
    for number, *mark in sorted(rows_in(connection, tables.risk_marks, _MARK, ("clearance_number",), set(numbers))):
        made = _mark(mark)
        found.setdefault(number, {})[made.stratum] = made
    return found


def _mark(row: Sequence[Any]) -> Mark:
    stratum, version, lane, way, draw, rate = row
    return Mark((stratum, version), Lane(lane), Way(way), draw, rate)


def first_accepted(connection: Connection, numbers: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Of each known clearance the first version seen, and when that was accepted."""
    columns = ("clearance_number", "version", "accept_time")
    found = sorted(rows_in(connection, kit.consignments, columns, ("clearance_number",), set(numbers)), reverse=True)
    return {number: (version, from_micros(moment)) for number, version, moment in found}


def keep_marks(connection: Connection, log: str, decided: Sequence[Holder]) -> None:
    """Counts new consignments and stores the marks that came with these decisions."""
    declared: dict[int, int] = {}
    by_broker: dict[str, tuple[int, int]] = {}
    rows: list[Fields] = []
    for holder in decided:
        facts: Facts = holder.facts
        if facts.risk is None or facts.selection is None:
            continue
        period = facts.risk.station.snapshot.period
        if not holder.known:
            declared[period] = declared.get(period, 0) + 1
            before = by_broker.get(holder.view.broker_licence, (0, 0))
            by_broker[holder.view.broker_licence] = (before[0] + 1, before[1] + facts.asked_back)
        if facts.selection.added:
            rows += _rows(holder.clearance_number, period, facts.selection)
    counted = [(period, log, count) for period, count in sorted(declared.items())]
    run_many(connection, _COUNT, counted)
    run_many(connection, _COUNT_BROKER, [(broker, log, *counts) for broker, counts in sorted(by_broker.items())])
    insert(connection, tables.risk_marks, rows, "ignore")


_COUNT = (
    "INSERT INTO risk_traffic (period, log, declared) VALUES (?, ?, ?) "
    "ON CONFLICT (period, log) DO UPDATE SET declared = risk_traffic.declared + excluded.declared"
)


_COUNT_BROKER = (
    "INSERT INTO broker_traffic (licence, log, declared, asked_back) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (licence, log) DO UPDATE SET declared = broker_traffic.declared + excluded.declared, "
    "asked_back = broker_traffic.asked_back + excluded.asked_back"
)


def _rows(number: str, period: int, selection: Selection) -> list[Fields]:
    counting, counts_as = role(selection)
    return [
        (
            number,
            *mark.stratum,
            period,
            int(mark.lane),
            int(mark.way),
            mark.draw,
            mark.rate,
            counts_as if mark is counting else 0,
        )
        for mark in selection.added
    ]


def newest_consignment(connection: Connection, number: str) -> bytes:
    """The bytes of a clearance's newest version."""
    text = "SELECT consignment FROM consignments WHERE clearance_number = ? ORDER BY version DESC LIMIT 1"
    [(content,)] = run(connection, text, (number,))
    return bytes(content)


def keep_result(connection: Connection, done: WorkDone, broker: str, trader: str) -> None:
    """Stores what an officer found. Of two results on one clearance the later is told; a find stays a find."""
    row = (
        done.clearance_number,
        period_of(done.time),
        int(bool(done.finds) or not done.cleared),
        json.dumps(done.finds, ensure_ascii=False),
        done.officer,
        to_micros(done.time),
        broker,
        trader,
    )
    run_many(connection, _RESULT, [row])


_RESULT = (
    "INSERT INTO risk_examinations "
    "(clearance_number, period, found, finds, officer, examine_time, broker_licence, trader_identifier) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (clearance_number) DO UPDATE SET "
    "found = CASE WHEN excluded.found > risk_examinations.found THEN excluded.found ELSE risk_examinations.found END, "
    "finds = excluded.finds, officer = excluded.officer, examine_time = excluded.examine_time"
)


def kept_snapshot(connection: Connection, period: int, window: int) -> tuple[Snapshot, bool]:
    """The snapshot of a period, and whether it stood there before: else it was taken now and may yet be rolled back."""
    text = "SELECT content FROM risk_snapshots WHERE period = ? AND window_periods = ?"
    known = run(connection, text, (period, window))
    stood = bool(known)
    if not stood:
        taken = _snapshot_text(counted(connection, period - window, period))
        insert(connection, tables.risk_snapshots, [(period, window, taken)], "ignore")
        known = run(connection, text, (period, window))
    return _snapshot(period, known[0][0]), stood


def counted(connection: Connection, begin: int, end: int) -> Snapshot:
    """The counts of the periods from `begin` to before `end`."""
    span = (begin, end)
    [(declared,)] = run(connection, _DECLARED, span)
    roles: dict[int, int] = {row[0]: row[1] for row in run(connection, _ROLES, span)}
    return Snapshot(
        end,
        declared=int(declared),
        drawn_red=roles.pop(DRAWN_RED, 0),
        candidates={Lane(lane): count for lane, count in roles.items()},
        results={
            (stratum, version): (seen, int(found)) for stratum, version, seen, found in run(connection, _RESULTS, span)
        },
    )


_DECLARED = "SELECT coalesce(sum(declared), 0) FROM risk_traffic WHERE period >= ? AND period < ?"
_ROLES = "SELECT role, count(*) FROM risk_marks WHERE role > 0 AND period >= ? AND period < ? GROUP BY role"
_RESULTS = (
    "SELECT m.stratum, m.version, count(*), sum(e.found) FROM risk_examinations e "
    "JOIN risk_marks m ON m.clearance_number = e.clearance_number "
    "WHERE m.way > 0 AND e.period >= ? AND e.period < ? GROUP BY m.stratum, m.version"
)


def _snapshot_text(snapshot: Snapshot) -> str:
    said = {
        "declared": snapshot.declared,
        "drawn_red": snapshot.drawn_red,
        "candidates": {lane.name: count for lane, count in sorted(snapshot.candidates.items())},
        "results": [[*stratum, *counts] for stratum, counts in sorted(snapshot.results.items())],
    }
    return json.dumps(said)


def _snapshot(period: int, text: str) -> Snapshot:
    said = json.loads(text)
    return Snapshot(
        period,
        declared=said["declared"],
        drawn_red=said["drawn_red"],
        candidates={Lane[lane]: count for lane, count in said["candidates"].items()},
        results={(stratum, version): (seen, found) for stratum, version, seen, found in said["results"]},
    )
