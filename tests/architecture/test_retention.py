"""Every table of every database has a period, and every period a setting within the law's bounds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection, inspect
from tooling import tool

from agencykit.retention.declared import EVER, LEAST_DAYS, Tally
from agencykit.retention.evidence import due_acts
from agencykit.retention.rounds import counted, due, removed, still_due
from agencykit.settings import ServiceSettings
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "customs", "inspection", "border", "port")


@pytest.fixture(scope="module")
def retention() -> ModuleType:
    """tools/retention.py as a module."""
    return tool("retention")


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_tables_and_columns_are_those_that_it_declares(
    retention: ModuleType, service: str, tmp_path: Path
) -> None:
    url = f"sqlite+pysqlite:///{tmp_path / 'as-migrated.db'}"
    upgrade(url, f"{service}.migrations")
    engine = make_engine(url, connections=0)
    found = {
        name: {column["name"] for column in inspect(engine).get_columns(name)}
        for name in inspect(engine).get_table_names()
    }
    engine.dispose()
    keeping = retention.KEEPINGS[service]
    declared = [kept.table for kept in keeping.tables]
    assert sorted(declared) == sorted(found), f"say it in {service}/storage/retention.py, and make generate"
    unknown = [
        (each.table, column)
        for subject in keeping.subjects
        for each in subject.removed
        for column in (*each.columns, *each.emptied)
        if column not in found[each.table]
    ]
    assert unknown == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_has_a_period_goes_with_something_and_what_is_for_ever_never(retention: ModuleType, service: str) -> None:
    keeping = retention.KEEPINGS[service]
    gone = {each.table for subject in keeping.subjects for each in subject.removed} | {"audit"}
    assert {kept.table for kept in keeping.tables if kept.period} == gone
    assert all(kept.since for kept in keeping.tables), "from when it runs, or why for ever"
    assert {"requests", "audit_pages"} <= {kept.table for kept in keeping.tables if kept.period == EVER}


@pytest.mark.parametrize("service", SERVICES)
def test_no_statement_of_a_purge_walks_a_table_for_each_of_what_goes(
    retention: ModuleType, service: str, tmp_path: Path
) -> None:
    """Finding walks its subjects once, in pages; all else is looked up, however much is kept of others."""
    url = f"sqlite+pysqlite:///{tmp_path / 'as-migrated.db'}"
    upgrade(url, f"{service}.migrations")
    engine = make_engine(url, connections=1)
    walked: list[str] = []
    keeping = retention.KEEPINGS[service]
    with engine.begin() as connection:
        for subject in keeping.subjects:
            source = subject.source.rpartition(" ")[2]
            # Of sides and numbers: a movement's key begins with a number.
            keys = [tuple(1 if name.endswith("side") else "NB" for name in subject.key)]
            tally = Tally(0)
            walked += plans(connection, lambda s=subject: due(connection, s, 1, None, 9), source)
            walked += plans(connection, lambda s=subject, k=keys: still_due(connection, s, 1, k))
            walked += plans(connection, lambda s=subject, k=keys, t=tally: counted(connection, s, k, t))
            bare = replace(subject, before=None)
            walked += plans(connection, lambda s=bare, k=keys, t=tally: removed(connection, s, k, t))
        walked += plans(connection, lambda: due_acts(connection, keeping.audit_needed, 1, 0))
    engine.dispose()
    assert walked == []


def plans(connection: Connection, act: Callable[[], Any], source: str = "") -> list[str]:
    """Statements of `act` that walk a whole table other than `source`, and which."""
    driver: Any = connection.connection.driver_connection
    told: list[str] = []
    driver.set_trace_callback(told.append)
    act()
    driver.set_trace_callback(None)
    assert told, "it ran"
    return [
        f"{detail}: {statement}"
        for statement in told
        for *_, detail in driver.execute(f"EXPLAIN QUERY PLAN {statement}")
        if detail.startswith("SCAN") and detail.split()[1] not in {source, "json_each", "CONSTANT"}
    ]


@pytest.mark.parametrize("name", ["retention_case_days", "retention_audit_days"])
def test_settings_lengthen_a_period_and_never_shorten_it_below_the_law(name: str) -> None:
    assert getattr(ServiceSettings(**{name: 10 * LEAST_DAYS}), name) == 10 * LEAST_DAYS
    with pytest.raises(ValidationError):
        ServiceSettings(**{name: LEAST_DAYS - 1})


def test_the_page_says_what_the_services_declare(retention: ModuleType) -> None:
    page = (ROOT / "docs" / "retention.md").read_text("utf-8")
    assert retention.written(page) == page, "make generate"
