"""Which certificate is written off for which goods, and how much: a table to be read.

The goods are frozen fish from Norway in items of so many kilograms, under certificates A, B, C of so many kilograms
(None: without limit), of which others have used so much.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from inspection.domain.allotting import allotment, charges
from inspection.domain.consignment import ConsignmentView, Direction, Item
from inspection.domain.facts import Certificate, Facts
from inspection.domain.reference import CertificateKind, Reference

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)


class Case(NamedTuple):
    says: str
    items: tuple[float | None, ...]
    limits: dict[str, float | None]
    used: dict[str, float]
    written_off: dict[str, float]


CASES = [
    Case("what is declared is written off", (1000.0,), {"A": 1500.0}, {}, {"A": 1000.0}),
    Case("to the last gram", (0.1, 0.1, 0.1), {"A": 0.3}, {}, {"A": 0.3}),
    Case("not a gram more", (0.301,), {"A": 0.3}, {}, {}),
    Case("nothing off one without limit", (1000.0,), {"A": None}, {}, {}),
    Case("one without limit spares the others", (1000.0,), {"A": 1500.0, "B": None}, {}, {}),
    Case("only what others leave", (500.0,), {"A": 1500.0}, {"A": 1000.0}, {"A": 500.0}),
    Case("nothing where others leave too little", (501.0,), {"A": 1500.0}, {"A": 1000.0}, {}),
    Case("one item on several", (1000.0,), {"A": 600.0, "B": 600.0}, {}, {"A": 600.0, "B": 400.0}),
    Case("several items on one", (300.0, 200.0), {"A": 600.0}, {}, {"A": 500.0}),
    Case("all items or none", (300.0, 400.0), {"A": 600.0}, {}, {}),
    Case("the first by number first", (100.0,), {"B": 600.0, "A": 600.0}, {}, {"A": 100.0}),
    Case("an item without mass takes nothing", (None, 5.0), {"A": 5.0}, {}, {"A": 5.0}),
    Case("a limit lowered below its use leaves nothing", (1.0,), {"A": 10.0}, {"A": 20.0}, {}),
]


def consignment(reference: Reference, case: Case) -> tuple[ConsignmentView, Facts]:
    documents = tuple(("N853", number) for number in case.limits)
    items = tuple(Item(n, "03031310", "NO", kg, "", (), ()) for n, kg in enumerate(case.items, start=1))
    view = ConsignmentView(Direction.IMPORT, "3302961234", "NO", "HLCUOSL041102207", documents, items)
    held = {
        number: Certificate(number, CertificateKind.HEALTH, "NO", ("0303",), limit)
        for number, limit in case.limits.items()
    }
    facts = Facts(reference, tuple(reference.commodity(item.code, Direction.IMPORT) for item in items), held)
    facts.used_grams = {number: round(kg * 1000) for number, kg in case.used.items()}
    return view, facts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_certificates_are_written_off(case: Case, reference: Reference) -> None:
    found = charges(*consignment(reference, case), ACCEPTED)
    assert {number: amount / 1000 for number, amount in found.items()} == case.written_off


def test_what_a_clearance_holds_itself_is_not_missing_to_it(reference: Reference) -> None:
    view, facts = consignment(reference, Case("", (800.0,), {"A": 1000.0}, {"A": 1000.0}, {}))
    assert not allotment(view, facts, ACCEPTED).covered
    again = replace(facts, own_grams={"A": 900_000})
    assert charges(view, again, ACCEPTED) == {"A": 800_000}


def test_goods_inspected_at_origin_are_written_off_item_by_item(reference: Reference) -> None:
    items = tuple(Item(n, "95030041", "CN", kg, "", (), (("N003", "HZ-1"),)) for n, kg in ((1, 400.0), (2, 700.0)))
    view = ConsignmentView(Direction.EXPORT, "3302961234", "", "", (), items)
    held = {"HZ-1": Certificate("HZ-1", CertificateKind.ORIGIN_INSPECTION, "CN", ("9503",), 1000.0)}
    facts = Facts(reference, tuple(reference.commodity("95030041", Direction.EXPORT) for _ in items), held)
    assert charges(view, facts, ACCEPTED) == {"HZ-1": 400_000}
