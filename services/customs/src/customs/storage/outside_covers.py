"""Covers from outside: a cover is one entry, its end another. Entries are appended, never changed.

An end bars a cover that has not come yet, and is final.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, CheckConstraint, Column, Connection, Integer, String, Table, Text

from agencykit.storage.rows import insert, rows_in
from customs.domain.guarantees.cover import Cover, CoverKey, Standing
from customs.storage.tables import metadata

outside_covers = Table(
    "outside_covers",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("home_district", String(35), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("currency_code", String(3), nullable=False),
    # Separated by blanks.
    Column("grns", Text, nullable=False),
    Column("record_time", BigInteger, nullable=False),
    CheckConstraint("generation > 0 AND units > 0", name="outside_covers_sound"),
    sqlite_with_rowid=False,
)
outside_cover_ends = Table(
    "outside_cover_ends",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("end_time", BigInteger, nullable=False),
    CheckConstraint("generation > 0", name="outside_cover_ends_sound"),
    sqlite_with_rowid=False,
)
TABLES = (outside_covers, outside_cover_ends)
_KEY = ("clearance_number", "generation")
_COVER = (*_KEY, "home_district", "units", "currency_code", "grns")


def standing_units(connection: Connection, numbers: Collection[str], currency_code: str) -> list[tuple[str, int]]:
    """(clearance number, units) of the covers in this currency that are not ended; nearly always there is none."""
    found = rows_in(connection, outside_covers, (*_KEY, "units", "currency_code"), _KEY[:1], numbers)
    ended = set(rows_in(connection, outside_cover_ends, _KEY, _KEY, [row[:2] for row in found]))
    return [(row[0], row[2]) for row in found if row[:2] not in ended and row[3] == currency_code]


def of_keys(connection: Connection, keys: Collection[CoverKey]) -> dict[CoverKey, Standing]:
    """Those that are known, standing or ended."""
    wanted = sorted(set(keys))
    ended = set(rows_in(connection, outside_cover_ends, _KEY, _KEY, wanted))
    known = {CoverKey(*key): Standing(CoverKey(*key), None, True) for key in ended}
    for number, generation, home, units, currency_code, grns in rows_in(
        connection, outside_covers, _COVER, _KEY, wanted
    ):
        key = CoverKey(number, generation)
        known[key] = Standing(key, Cover(key, home, units, currency_code, tuple(grns.split())), key in ended)
    return known


def append(connection: Connection, made: Sequence[Cover], now: int) -> None:
    """New covers."""
    rows = [(*each.key, each.home_district, each.units, each.currency_code, " ".join(each.grns), now) for each in made]
    insert(connection, outside_covers, rows)


def append_ends(connection: Connection, keys: Sequence[CoverKey], now: int) -> None:
    """From now on these count no more, and never again."""
    insert(connection, outside_cover_ends, [(*key, now) for key in keys])
