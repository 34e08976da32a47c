"""One sound consignment of inspection's tests, which every test changes in one point."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.rules import Circumstances, Finding
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.testing.postgres import database_url as database_url
from inspection.domain.catalogue import RULES
from inspection.domain.consignment import ConsignmentView, Direction, Item
from inspection.domain.facts import Facts
from inspection.domain.reference import Reference
from inspection.storage.reference import ReferenceFiles, load_reference

pytest.register_assert_rewrite("agencykit.testing.agency_suite")

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
TRADER = "3302961234"
Changes = Mapping[str, Any]
Judge = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The lists that come with the package."""
    return load_reference(ReferenceFiles())


@pytest.fixture
def item() -> Item:
    """Stuffed teddy bears, which the catalogue lists and which are released on import."""
    return Item(1, "95030041", "DE", 1000.0, "", ("BX",), ())


@pytest.fixture
def view(item: Item) -> ConsignmentView:
    """An import from Germany about which no rule finds anything."""
    return ConsignmentView(Direction.IMPORT, TRADER, "DE", "HLCUHAM041109873", (), (item,))


@pytest.fixture
def judge(view: ConsignmentView, item: Item, reference: Reference) -> Judge:
    """`judge(rule_id, item={…}, view={…}, facts={…})`: what one rule finds in the sound consignment so changed.

    `items=[{…}, {…}]` puts several items in place of the one. Without a rule id: what all rules find.
    """

    def judge(
        rule_id: str = "",
        *,
        item: Changes | None = None,
        items: list[Changes] | None = None,
        view: Changes | None = None,
        facts: Changes | None = None,
    ) -> list[Finding]:
        changes = items if items is not None else [item or {}]
        changed = tuple(replace(sound_item, number=n, **each) for n, each in enumerate(changes, start=1))
        seen = replace(sound_view, items=changed, **(view or {}))
        commodities = tuple(reference.commodity(each.code, seen.direction) for each in changed)
        known = Facts(reference, commodities, **(facts or {}))
        circumstances = Circumstances("NB20041122000001", 1, "spiffe://ningbo.clearance/broker/1", ACCEPTED, ACCEPTED)
        rules = [rule for rule in RULES if rule_id in ("", rule.id)]
        assert rules, f"no rule {rule_id}"
        return [found for rule in rules for found in rule(seen, known, circumstances)]

    sound_item, sound_view = item, view
    return judge


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection to a migrated database, of each kind."""
    upgrade(database_url, "inspection.migrations")
    engine = make_engine(database_url, connections=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
