"""What the ledger of write-offs holds, on both databases: every balance is the sum of its entries."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, select

from agencykit.agency import Holder
from agencykit.rules import Outcome, Verdict
from agencykit.testing.statements import statements_of
from clearance.inspection.v1.certificate_service_pb2 import Certificate
from inspection.domain.consignment import ConsignmentView, Direction, Item
from inspection.domain.reference import Reference
from inspection.operations import lodging
from inspection.rpc import entries
from inspection.storage.facts import FactsReader
from inspection.storage.tables import certificate_balances, write_offs
from inspection.storage.write_offs import WriteOffs

NOW = datetime(2004, 11, 22, tzinfo=UTC)
APPROVED, REFUSED = Outcome(Verdict.APPROVED, ()), Outcome(Verdict.REFUSED, ())
LEDGER = WriteOffs()


def fish(kilograms: float, *numbers: str) -> ConsignmentView:
    documents = tuple(("N853", number) for number in numbers)
    item = Item(1, "03031310", "NO", kilograms, "", (), ())
    return ConsignmentView(Direction.IMPORT, "3302961234", "NO", "", documents, (item,))


@pytest.fixture
def certified(connection: Connection) -> Connection:
    """Certificates A and B of 1,000 kg each are lodged."""
    lodged = [
        Certificate(
            number=number,
            kind=Certificate.KIND_HEALTH,
            issue_country_code="NO",
            commodity_prefixes=["0303"],
            limit_net_mass_kg=1000,
        )
        for number in "AB"
    ]
    lodging.lodge_certificates(connection, [entries.certificate_entry(each) for each in lodged])
    return connection


def decide(
    connection: Connection,
    reference: Reference,
    *batch: tuple[str, ConsignmentView],
    outcome: Outcome = APPROVED,
    version: int = 1,
    known: bool = False,
) -> tuple[Sequence[Holder], set[tuple[str, str]]]:
    """One deciding transaction, as the kit runs it; the holders and what has become free."""
    views = [view for _, view in batch]
    facts = FactsReader(reference)(connection, views, NOW)
    holders = [
        Holder(number, version, "", NOW, view, of_view, known)
        for (number, view), of_view in zip(batch, facts, strict=True)
    ]
    LEDGER.load(connection, holders, NOW)
    for holder in holders:
        LEDGER.take(holder, outcome)
    return holders, set(LEDGER.store(connection, holders, NOW))


def balances(connection: Connection) -> dict[str, int]:
    """Kilograms used, by certificate; each must be the sum of its entries."""
    used = dict(connection.execute(select(certificate_balances.c.number, certificate_balances.c.used_grams)).all())
    sums = select(write_offs.c.certificate_number, func.sum(write_offs.c.grams))
    written = dict(connection.execute(sums.group_by(write_offs.c.certificate_number)).all())
    assert {number: grams for number, grams in used.items() if grams} == {
        number: int(grams) for number, grams in written.items() if grams
    }
    return {number: grams // 1000 for number, grams in used.items()}


def test_of_two_in_one_batch_the_second_meets_what_the_first_leaves(
    certified: Connection, reference: Reference
) -> None:
    (first, second), _ = decide(certified, reference, ("NB1", fish(600, "A")), ("NB2", fish(600, "A")))
    assert (first.facts.charged_grams, second.facts.charged_grams) == ({"A": 600_000}, {})
    assert balances(certified) == {"A": 600, "B": 0}


def test_a_decision_taken_again_writes_nothing_off_twice(certified: Connection, reference: Reference) -> None:
    decide(certified, reference, ("NB1", fish(600, "A")))
    for _ in range(3):
        assert decide(certified, reference, ("NB1", fish(600, "A")), known=True)[1] == set()
    assert balances(certified) == {"A": 600, "B": 0}


def test_an_amendment_moves_what_is_held(certified: Connection, reference: Reference) -> None:
    decide(certified, reference, ("NB1", fish(600, "A")))
    _, freed = decide(certified, reference, ("NB1", fish(700, "B")), known=True, version=2)
    assert freed == {("certificate", "A")}
    assert balances(certified) == {"A": 0, "B": 700}


def test_an_amendment_that_names_no_certificate_gives_all_back(certified: Connection, reference: Reference) -> None:
    decide(certified, reference, ("NB1", fish(600, "A")))
    assert decide(certified, reference, ("NB1", fish(600)), known=True, version=2)[1] == {("certificate", "A")}
    assert balances(certified) == {"A": 0, "B": 0}


def test_a_refusal_gives_back_and_a_later_yes_takes_again(certified: Connection, reference: Reference) -> None:
    one = ("NB1", fish(1500, "A", "B"))
    decide(certified, reference, one)
    assert balances(certified) == {"A": 1000, "B": 500}
    freed = decide(certified, reference, one, known=True, outcome=REFUSED)[1]
    assert freed == {("certificate", "A"), ("certificate", "B")}
    assert balances(certified) == {"A": 0, "B": 0}
    decide(certified, reference, one, known=True)
    assert balances(certified) == {"A": 1000, "B": 500}


def test_a_withdrawal_gives_back_once(certified: Connection, reference: Reference) -> None:
    decide(certified, reference, ("NB1", fish(600, "A")))
    assert set(LEDGER.give_back(certified, "NB1", 1, NOW)) == {("certificate", "A")}
    assert set(LEDGER.give_back(certified, "NB1", 1, NOW)) == set()
    assert balances(certified) == {"A": 0, "B": 0}


def test_a_replaced_certificate_keeps_what_is_written_off_it(certified: Connection, reference: Reference) -> None:
    decide(certified, reference, ("NB1", fish(600, "A")))
    smaller = Certificate(number="A", kind=Certificate.KIND_HEALTH, commodity_prefixes=["0303"], limit_net_mass_kg=700)
    lodging.lodge_certificates(certified, [entries.certificate_entry(smaller)])
    (other,), _ = decide(certified, reference, ("NB2", fish(200, "A")))
    assert other.facts.charged_grams == {}
    assert balances(certified)["A"] == 600


def test_the_database_keeps_no_more_than_the_limit(certified: Connection, reference: Reference) -> None:
    (holder,), _ = decide(certified, reference, ("NB1", fish(600, "A")))
    holder.facts.own_grams = {}
    holder.clearance_number = "NB2"
    with pytest.raises(AssertionError, match="never written off beyond"):
        LEDGER.store(certified, [holder], NOW)


def test_a_batch_that_names_no_certificate_asks_nothing(certified: Connection, reference: Reference) -> None:
    holder = Holder("NB1", 1, "", NOW, view := fish(5), FactsReader(reference)(certified, [view], NOW)[0], False)
    with statements_of(certified) as statements:
        LEDGER.load(certified, [holder], NOW)
        LEDGER.take(holder, APPROVED)
        LEDGER.store(certified, [holder], NOW)
    assert statements == []


def test_a_batch_costs_the_same_few_statements_whatever_it_holds(certified: Connection, reference: Reference) -> None:
    with statements_of(certified) as statements:
        decide(certified, reference, *((f"NB{n}", fish(5, "A", "B")) for n in range(100)))
    writing = [text for text in statements if "write_offs" in text or "balances" in text]
    assert len(writing) <= 7, writing
    assert balances(certified) == {"A": 500, "B": 0}
