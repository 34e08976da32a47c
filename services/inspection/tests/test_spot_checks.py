"""Exempt goods are spot-checked by a keyed draw, and a check that fails suspends the exemption."""

from dataclasses import replace
from datetime import UTC, datetime
from math import sqrt

from sqlalchemy import Connection

from agencykit.agency import Holder
from agencykit.rules import Verdict, fold
from agencykit.runtime.real import SystemRandomness
from agencykit.testing.statements import statements_of
from clearance.inspection.v1.certificate_service_pb2 import Exemption
from inspection.domain.consignment import ConsignmentView, Direction, Item
from inspection.domain.reference import Reference
from inspection.domain.rules.supervision import exempt_goods_are_spot_checked
from inspection.domain.spot_checks import MILLION, SpotCheck, draw, secret_of_day
from inspection.operations import lodging
from inspection.rpc import entries
from inspection.storage.facts import FactsReader
from inspection.storage.spot_checks import SpotChecks
from inspection.storage.uses import exemption_use

LEDGER = SpotChecks(SystemRandomness())
NOW = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
KEY = secret_of_day(b"pear blossom", NOW)
MAKER = "3302T00017"


def toys(reference: str = "LRN-1", document: str = "HLCUHAM041109873") -> ConsignmentView:
    item = Item(1, "95030041", "CN", 1000.0, MAKER, (), ())
    return ConsignmentView(Direction.EXPORT, "3302961234", "", document, (), (item,), "3104980001", reference)


def test_a_draw_hangs_on_broker_reference_and_transport_document_alone() -> None:
    drawn = draw(KEY, "MJ-1", toys())
    assert drawn == draw(KEY, "MJ-1", toys())
    others = [draw(KEY, "MJ-2", toys()), draw(KEY, "MJ-1", toys("LRN-2")), draw(KEY, "MJ-1", toys(document="OTHER"))]
    assert drawn not in [*others, draw(secret_of_day(b"plum blossom", NOW), "MJ-1", toys())]


def test_the_key_changes_at_midnight_in_china() -> None:
    assert secret_of_day(b"s", NOW) == secret_of_day(b"s", datetime(2004, 11, 22, 15, 59, tzinfo=UTC))
    assert secret_of_day(b"s", NOW) != secret_of_day(b"s", datetime(2004, 11, 22, 16, 0, tzinfo=UTC))


def test_the_rate_of_many_draws_lies_within_four_standard_errors() -> None:
    rate, count = 0.02, 20_000
    hits = sum(SpotCheck("MJ-1", draw(KEY, "MJ-1", toys(f"LRN-{n}")), 20_000).checked for n in range(count))
    assert abs(hits / count - rate) < 4 * sqrt(rate * (1 - rate) / count)


def rated(reference: Reference, per_million: int) -> Reference:
    """The lists, with another rate of spot checks."""
    return replace(reference, modes=replace(reference.modes, spot_checks_per_million=per_million))


def exempt(connection: Connection) -> None:
    made = Exemption(number="MJ-1", holder_identifier=MAKER, commodity_prefixes=["9503"])
    lodging.register_exemptions(connection, [entries.exemption_entry(made)])


def held(connection: Connection, reference: Reference, clearance: str, *, known: bool = False) -> Holder:
    """A clearance of exempt toys with its facts, as the kit has them loaded."""
    (facts,) = FactsReader(reference)(connection, [toys(clearance)], NOW)
    holder = Holder(clearance, 1, "", NOW, toys(clearance), facts, known)
    LEDGER.load(connection, [holder], NOW)
    return holder


def decided(connection: Connection, holder: Holder, verdict: Verdict) -> set[tuple[str, str]]:
    """Stores a decision whose spot check came to this; returns who is to be woken."""
    LEDGER.take(holder, fold([exempt_goods_are_spot_checked.finding(verdict, item_numbers=(1,))]))
    return set(LEDGER.store(connection, [holder], NOW))


def test_a_draw_stays_whatever_the_rate_becomes(connection: Connection, reference: Reference) -> None:
    exempt(connection)
    first = held(connection, rated(reference, MILLION), "NB1")
    decided(connection, first, Verdict.EXAMINE)
    again = held(connection, rated(reference, 0), "NB1", known=True)
    assert again.facts.spot_checks == first.facts.spot_checks
    assert again.facts.spot_checks["MJ-1"].checked
    assert not held(connection, rated(reference, 0), "NB2").facts.spot_checks["MJ-1"].checked


def test_a_failed_check_suspends_the_exemption_for_all_others_until_it_is_entered_again(
    connection: Connection, reference: Reference
) -> None:
    exempt(connection)
    checked = rated(reference, MILLION)
    assert decided(connection, held(connection, checked, "NB1"), Verdict.EXAMINE) == set()
    assert decided(connection, held(connection, checked, "NB1", known=True), Verdict.REFUSED) == {("exemption", MAKER)}
    use = exemption_use(connection, "MJ-1")
    assert use is not None
    assert (use.exemption.suspended_by, use.used, use.checked, use.failed) == ("NB1", 1, 1, 1)
    assert held(connection, checked, "NB1", known=True).facts.suspended == set()
    assert held(connection, checked, "NB2").facts.suspended == {"MJ-1"}
    exempt(connection)
    assert held(connection, checked, "NB2").facts.suspended == set()


def test_goods_without_an_exemption_cost_no_statement(connection: Connection, reference: Reference) -> None:
    with statements_of(connection) as statements:
        holder = Holder("NB1", 1, "", NOW, toys(), FactsReader(reference)(connection, [toys()], NOW)[0], known=True)
        reading = len(statements)
        LEDGER.load(connection, [holder], NOW)
        LEDGER.take(holder, fold([]))
        LEDGER.store(connection, [holder], NOW)
    assert len(statements) == reading
