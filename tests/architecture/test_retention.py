"""Every table of every database has a period, and every period a setting within the law's bounds."""

from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError
from sqlalchemy import inspect
from tooling import tool

from agencykit.retention.declared import EVER, LEAST_DAYS
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


@pytest.mark.parametrize("name", ["retention_case_days", "retention_audit_days"])
def test_settings_lengthen_a_period_and_never_shorten_it_below_the_law(name: str) -> None:
    assert getattr(ServiceSettings(**{name: 10 * LEAST_DAYS}), name) == 10 * LEAST_DAYS
    with pytest.raises(ValidationError):
        ServiceSettings(**{name: LEAST_DAYS - 1})


def test_the_page_says_what_the_services_declare(retention: ModuleType) -> None:
    page = (ROOT / "docs" / "retention.md").read_text("utf-8")
    assert retention.written(page) == page, "make generate"
