"""The gate's decision table (gate.txt), line by line, and which goods an order covers."""

from pathlib import Path
from string import Formatter

import pytest

from agencykit.rules import Rule
from port.domain.consignment import Direction
from port.domain.facts import Hold
from port.domain.gate import GateFacts, Release, Report, Told, Way
from port.domain.goods import Covered, Goods, Scope, countable, covered
from port.domain.rules.gate import GATE_RULES, why_it_stays
from port.operations.denials import denial

NUMBER = "310020041117AAAA"
TABLE = [
    line
    for line in Path(__file__).with_name("gate.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
HEADING = ("told", "acts on", "proof", "covers", "box", "held", "age", "out", "load", "left")
HEADING += ("trade/way", "beside", "answer")
ALL = ("customs", "inspection", "port")
AGENCIES = {"-port": "port", "-customs": "customs", "-CIQ": "inspection"}
ABSENT = {"hand": "customs", "hand1": "customs", "handCIQ": "inspection"}
PLACES = [TABLE[0].index(name) for name in HEADING]


def cells(line: str) -> list[str]:
    """A line's columns, by the places where the heading's begin."""
    return [line[begin:end].strip() for begin, end in zip(PLACES, [*PLACES[1:], None], strict=True)]


def listed(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split(","))


def situation(line: str) -> tuple[Report, GateFacts]:
    """Report and facts of one line of the table."""
    told, acts_on, proof, covers, box, held, age, out, load, left, trade_way, beside, _ = cells(line)
    trade, way = trade_way.split("/")
    boxes = () if covers == "loose" else ("A", "B")
    release = None
    if told != "-":
        word, number = told.split()
        release = Release(
            order=int(number),
            version=1,
            told=Told[word.upper()],
            flaw="the signature is not the key's" if proof == "forged" else "",
            goods=Goods("COSU4117", Direction[trade.upper()], boxes),
            covered=Covered(loose=True) if covers == "loose" else Covered(listed(covers)),
            rests_on=frozenset(ALL) - {AGENCIES.get(proof, ""), ABSENT.get(proof, "")},
            by_hand_flaw="one officer proposed it and ordered it himself" if proof == "hand1" else "",
            absent=frozenset({ABSENT[proof]}) if proof in ABSENT else frozenset(),
        )
    container = "" if box == "-" else box
    holds = tuple(Hold(name, container) for name in listed(held))
    facts = GateFacts(
        60,
        None if age == "never" else int(age),
        release,
        holds,
        container in listed(out),
        None if left == "-" else int(left),
        ALL,
        listed(beside),
        never_absent=frozenset({"inspection", "port"}),
    )
    return Report(NUMBER, int(acts_on), container, Way[way.upper()], 0 if load == "-" else int(load)), facts


@pytest.mark.parametrize("line", TABLE[1:])
def test_the_gate_answers_as_the_table_says(line: str) -> None:
    finding = why_it_stays(*situation(line))
    assert cells(line)[-1] == ("leaves" if finding is None else denial(finding).reason)


def test_every_rule_of_the_gate_stops_a_line_and_lets_one_pass() -> None:
    stopped = {finding.rule_id for line in TABLE[1:] if (finding := why_it_stays(*situation(line)))}
    assert stopped == {rule.id for rule in GATE_RULES}


@pytest.mark.parametrize("rule", GATE_RULES, ids=lambda rule: rule.id)
def test_the_findings_carry_what_the_texts_name(rule: Rule) -> None:
    texts = (rule.zh, rule.en, rule.enough_zh, rule.enough_en)
    assert all(texts)
    named = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    for line in TABLE[1:]:
        finding = why_it_stays(*situation(line))
        if finding is not None and finding.rule_id == rule.id:
            assert named <= set(finding.parameters)


BOXES = Goods("COSU4117", Direction.IMPORT, ("A", "B"), ((1, ("A",)), (2, ("A", "B")), (3, ("B",))))
LOOSE = Goods("78412345675", Direction.IMPORT, (), ((1, ()), (2, ())))


@pytest.mark.parametrize(
    ("goods", "scope", "expected"),
    [
        (BOXES, Scope(), Covered(("A", "B"))),
        (BOXES, Scope(containers=frozenset({"B", "X"})), Covered(("B",))),
        (BOXES, Scope(items=frozenset({1})), Covered()),
        (BOXES, Scope(items=frozenset({1, 2})), Covered(("A",))),
        (BOXES, Scope(items=frozenset({1, 2, 3})), Covered(("A", "B"))),
        (Goods("D", Direction.IMPORT, ("A", "E"), ((1, ("A",)),)), Scope(items=frozenset({1})), Covered(("A",))),
        (LOOSE, Scope(), Covered(loose=True)),
        (LOOSE, Scope(items=frozenset({1})), Covered()),
        (LOOSE, Scope(items=frozenset({1, 2})), Covered(loose=True)),
    ],
    ids=[
        "the whole",
        "a box by name",
        "half a box stays",
        "all items of a box",
        "all items",
        "a box in which nothing is said to lie stays",
        "loose goods",
        "part of loose goods stays",
        "all items of loose goods",
    ],
)
def test_an_order_covers_what_its_scope_names(goods: Goods, scope: Scope, expected: Covered) -> None:
    assert covered(goods, scope) == expected


@pytest.mark.parametrize(
    ("declared", "tallied", "manifested", "expected"),
    [(40, None, 38, 40), (40, 38, 40, 38), (40, 41, 40, 40), (None, 38, 40, 38), (None, None, 40, 40), (0, None, 9, 0)],
    ids=["as released", "some are missing", "some are too many", "by the tally", "by the manifest", "none released"],
)
def test_no_more_packages_may_leave_than_were_released_or_tallied(
    declared: int | None, tallied: int | None, manifested: int | None, expected: int
) -> None:
    assert countable(declared, tallied, manifested) == expected
    assert countable(None, None, None) is None
