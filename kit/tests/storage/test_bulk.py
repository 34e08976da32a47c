"""Many rows, one statement; the same on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import BigInteger, Column, Connection, Engine, LargeBinary, MetaData, Table, Text, select

from agencykit.storage.bulk import insert_rows, select_in, update_rows
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import delete_in, update
from agencykit.testing.statements import statements_of

metadata = MetaData()
seals = Table(
    "seals",
    metadata,
    Column("office", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("imprint", LargeBinary),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, connections=1)
    with made.begin() as connection:
        metadata.create_all(connection)
    yield made
    made.dispose()


def everything(connection: Connection) -> list[tuple[str, int, bytes | None]]:
    rows = connection.execute(select(seals).order_by(seals.c.office, seals.c.number))
    return [(row.office, row.number, row.imprint) for row in rows]


def test_tuples_and_mappings_are_the_same_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(connection, seals, [("北仑", 1, b"\x00one")])
        insert_rows(connection, seals, [{"number": 2, "office": "北仑"}])
        insert_rows(connection, seals, [("北仑", 3)], columns=("office", "number"))
        insert_rows(connection, seals, [])
        assert everything(connection) == [("北仑", 1, b"\x00one"), ("北仑", 2, None), ("北仑", 3, None)]


def test_a_known_key_is_ignored_or_replaced_as_told(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(connection, seals, [("北仑", 1, b"first")])
        insert_rows(connection, seals, [("北仑", 1, b"second"), ("大榭", 1, b"new")], on_conflict="ignore")
        assert everything(connection) == [("北仑", 1, b"first"), ("大榭", 1, b"new")]
        insert_rows(connection, seals, [("北仑", 1, b"third")], on_conflict="replace")
        insert_rows(connection, seals, [("大榭", 1)], columns=("office", "number"), on_conflict="replace")
        assert everything(connection) == [("北仑", 1, b"third"), ("大榭", 1, b"new")]


def test_an_update_touches_only_the_rows_it_names(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(connection, seals, [("北仑", number, b"old") for number in (1, 2, 3)])
        changes = [{"office": "北仑", "number": number, "imprint": b"new"} for number in (1, 3, 9)]
        update_rows(connection, seals, ["office", "number"], changes)
        update_rows(connection, seals, ["office", "number"], [])
        assert [row[2] for row in everything(connection)] == [b"new", b"old", b"new"]


def test_a_crowd_of_updates_is_counted_row_by_row_and_what_is_not_there_is_not_made(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(connection, seals, [("北仑", number, b"old") for number in range(100)])
        changes = [(b"new %d" % number, "北仑", number) for number in range(55, 145)]
        assert update(connection, seals, ("imprint",), ("office", "number"), changes) == 45
        assert everything(connection) == [
            ("北仑", number, b"old" if number < 55 else b"new %d" % number) for number in range(100)
        ]


def test_a_crowd_is_deleted_by_its_whole_key(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(
            connection,
            seals,
            [(office, number) for office in ("北仑", "大榭") for number in range(20)],
            columns=("office", "number"),
        )
        delete_in(connection, seals, ("office", "number"), [("北仑", number) for number in range(5, 25)])
        assert [row[:2] for row in everything(connection)] == [("北仑", number) for number in range(5)] + [
            ("大榭", number) for number in range(20)
        ]


def test_a_look_up_takes_one_query_for_thousands_of_keys(engine: Engine) -> None:
    with engine.begin() as connection, statements_of(connection) as statements:
        insert_rows(connection, seals, [("北仑", number, None) for number in range(5000)])
        statements.clear()
        found = select_in(connection, [seals.c.number], seals.c.number, range(4000))
        assert len(found) == 4000
        assert len(statements) == 1
        assert len(select_in(connection, seals, seals.c.number, range(5000))) == 5000
        assert len(statements) == 2
        assert select_in(connection, seals, seals.c.number, ()) == []
        assert len(statements) == 2


def test_keys_of_several_columns_are_looked_up_together(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_rows(connection, seals, [(office, number, None) for office in ("北仑", "大榭") for number in (1, 2)])
        keys = [("北仑", 2), ("大榭", 1), ("大榭", 7)]
        found = select_in(connection, [seals.c.office, seals.c.number], [seals.c.office, seals.c.number], keys)
        assert sorted(tuple(row) for row in found) == [("北仑", 2), ("大榭", 1)]
