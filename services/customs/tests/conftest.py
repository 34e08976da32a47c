"""One sound consignment of customs' tests, which every test changes in one point."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.rules import Circumstances, Finding
from agencykit.runtime import real_runtime
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.testing.inline_agency import inline_agency
from agencykit.testing.postgres import database_url as database_url
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from customs.app import CustomsSettings, build
from customs.domain.catalogue import RULES, WHOLE
from customs.domain.consignment import ConsignmentView, DeclarationType, Direction, Item
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.storage.reference import ReferenceFiles, load_reference

from .guarantees import COMPREHENSIVE, LIMIT, Desk

pytest.register_assert_rewrite("agencykit.testing.agency_suite")

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
TRADER = "3302961234"
BROKER = "3104980001"
Changes = Mapping[str, Any]
Judge = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The lists that come with the package."""
    return load_reference(ReferenceFiles())


@pytest.fixture
def item() -> Item:
    """43 kg of stainless blind rivet nuts for 9,500 pounds."""
    return Item(1, "73181631", "CN", 48.0, 43.0, 950_000, "GBP", ())


@pytest.fixture
def view(item: Item) -> ConsignmentView:
    """An export of general trade that is loaded two days after it is accepted: no rule finds anything."""
    return ConsignmentView(
        direction=Direction.EXPORT,
        declaration_type=DeclarationType.STANDARD,
        broker_licence=BROKER,
        reference="NB-2004-0017",
        transport_document_number="COSU4700911",
        port_code="CNBLG",
        special_area_code="",
        trade_mode_code="0110",
        trader_identifier=TRADER,
        trader_country_code="CN",
        countries=(("destination_country_code", "AU"), ("trader.country_code", "CN")),
        arrival_time=None,
        loading_time=ACCEPTED + timedelta(days=2),
        invoice_minor_units=950_000,
        total_gross_mass_kg=48.0,
        documents=(),
        items=(item,),
    )


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
        known = {
            "enterprise": Enterprise(TRADER, EnterpriseClass.B),
            "broker": Broker(BROKER),
            **(facts or {}),
        }
        commodities = tuple(reference.commodity(each.code, seen.direction) for each in changed)
        circumstances = Circumstances("NB20041122000001", 1, "spiffe://ningbo.clearance/broker/1", ACCEPTED, ACCEPTED)
        rules = [rule for rule in RULES if rule.id == rule_id] if rule_id else list(WHOLE)
        assert rules, f"no rule {rule_id}"
        return [found for rule in rules for found in rule(seen, Facts(reference, commodities, **known), circumstances)]

    sound_item, sound_view = item, view
    return judge


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection to a migrated database, of each kind."""
    upgrade(database_url, "customs.migrations")
    engine = make_engine(database_url, connections=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """One comprehensive guarantee of ten thousand yuan."""
    settings = agency_settings(CustomsSettings, "customs", own_database(tmp_path / "customs.db"))
    async with inline_agency(build, settings, "customs", real_runtime()) as customs:
        desk = Desk(customs)
        await desk.enter(COMPREHENSIVE, LIMIT)
        yield desk
