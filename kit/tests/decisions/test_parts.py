"""Goods decided in parts: what may go before the rest, as a table to be read and as laws over any results."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.parts import Goods, fold_parts, narrowed
from agencykit.rules import Finding, OfficerResult, Part, Verdict, WorkOutcome, fold

BOXES = {"A": "CSQU3054383", "B": "TGHU7712340", "C": "MSKU4418813"}
# Item 1 lies in A, item 2 in B and C, item 3 anywhere.
GOODS = Goods(tuple(BOXES.values()), {1: (BOXES["A"],), 2: (BOXES["B"], BOXES["C"]), 3: ()})
LOOSE = Goods((), {1: (), 2: (), 3: ()})

# Findings (effect, and what it names), officers' results on them (what they name), the verdict and what it approves.
TABLE = """
EXAMINE            cleared:A                  APPROVED                   A
EXAMINE            cleared:A,cleared:B        APPROVED                   A,B
EXAMINE            cleared:A,cleared:B,C      APPROVED                   -
EXAMINE            cleared:A,cleared          APPROVED                   -
EXAMINE            cleared:A,refused          REFUSED                    -
EXAMINE            cleared,refused:B          APPROVED                   A,C
EXAMINE            refused:B                  REFUSED                    -
EXAMINE            refused:B,cleared:A        APPROVED                   A
EXAMINE            sampled:A                  EXAMINE                    -
EXAMINE            sampled:A,cleared:A        APPROVED                   A
EXAMINE:A,B        cleared:A                  APPROVED                   A,C
EXAMINE:A          cleared:A                  APPROVED                   -
EXAMINE:2          cleared:B                  APPROVED                   A,B
EXAMINE:3          cleared:B                  APPROVED                   B
EXAMINE+PENDING    cleared:A                  EXAMINE                    -
EXAMINE+PENDING:C  cleared:A                  APPROVED                   A
EXAMINE+HOLD:A     cleared:A                  APPROVED                   A
OBLIGED+EXAMINE    cleared:A                  APPROVED_WITH_OBLIGATIONS  A
OBLIGED:B+EXAMINE  cleared:A                  APPROVED                   A
OBLIGED            followed-refused:C         APPROVED_WITH_OBLIGATIONS  A,B
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def finding(text: str) -> Finding:
    effect, _, names = text.partition(":")
    boxes = tuple(BOXES[name] for name in names.split(",") if name in BOXES)
    items = tuple(int(name) for name in names.split(",") if name.isdigit())
    verdict = Verdict.APPROVED_WITH_OBLIGATIONS if effect == "OBLIGED" else Verdict[effect]
    return Finding("R-1", 1, verdict, item_numbers=items, container_numbers=boxes)


def results(text: str) -> list[OfficerResult]:
    made: list[OfficerResult] = []
    for word in text.replace(",cleared", " cleared").replace(",refused", " refused").split():
        outcome, _, names = word.partition(":")
        part = Part(tuple(BOXES[name] for name in names.split(","))) if names else None
        kind = WorkOutcome[outcome.removeprefix("followed-").upper()]
        made.append(OfficerResult(frozenset({"R-1"}), kind, outcome.startswith("followed"), part=part))
    return made


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_findings_and_results_on_parts_make_a_verdict(row: list[str]) -> None:
    found, recorded, verdict, approved = row
    outcome = fold_parts([finding(each) for each in found.split("+")], results(recorded), GOODS)
    assert outcome.verdict is Verdict[verdict]
    assert outcome.part == (None if approved == "-" else Part(tuple(BOXES[name] for name in approved.split(","))))


def test_what_is_left_to_settle_is_told_by_container() -> None:
    outcome = fold_parts([finding("EXAMINE")], results("cleared:A"), GOODS)
    told = [(each.resolved, each.effect, each.container_numbers) for each in outcome.findings]
    assert told == [
        (True, Verdict.EXAMINE, (BOXES["A"],)),
        (False, Verdict.EXAMINE, (BOXES["B"], BOXES["C"])),
    ]


def test_cargo_without_containers_is_divided_by_its_items() -> None:
    cleared = OfficerResult(frozenset({"R-1"}), WorkOutcome.CLEARED, part=Part(items=(2,)))
    outcome = fold_parts([Finding("R-1", 1, Verdict.EXAMINE)], [cleared], LOOSE)
    assert (outcome.verdict, outcome.part) == (Verdict.APPROVED, Part(items=(2,)))
    assert [each.item_numbers for each in outcome.findings] == [(1, 3), (2,)]


def test_a_container_is_the_same_however_its_number_is_written() -> None:
    cleared = OfficerResult(frozenset({"R-1"}), WorkOutcome.CLEARED, part=Part(("csqu 305438-3",)))
    assert fold_parts([Finding("R-1", 1, Verdict.EXAMINE)], [cleared], GOODS).part == Part((BOXES["A"],))


def test_what_was_found_against_a_part_is_told_of_what_it_has_of_the_finding() -> None:
    of_two = finding("EXAMINE:A,B")
    assert [each.container_numbers for each in narrowed(of_two, Part((BOXES["B"], BOXES["C"])), GOODS)] == [
        (BOXES["B"],)
    ]
    assert narrowed(of_two, Part((BOXES["C"],)), GOODS) == []
    assert narrowed(of_two, None, GOODS) == [of_two]


EFFECTS = [Verdict.EXAMINE, Verdict.HOLD, Verdict.PENDING, Verdict.REFUSED, Verdict.APPROVED_WITH_OBLIGATIONS]
PARTS = st.none() | st.lists(st.sampled_from(list(BOXES.values())), min_size=1, unique=True).map(
    lambda boxes: Part(tuple(boxes))
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["R-1", "R-2"]),
        st.just(1),
        st.sampled_from(EFFECTS),
        item_numbers=st.just(()) | st.sampled_from([(1,), (2,), (3,), (1, 2)]),
        container_numbers=st.just(()) | st.sampled_from([(box,) for box in BOXES.values()]),
    ),
    max_size=4,
)
RESULTS = st.lists(
    st.builds(
        OfficerResult,
        st.sampled_from([frozenset({"R-1"}), frozenset({"R-1", "R-2"})]),
        st.sampled_from([WorkOutcome.CLEARED, WorkOutcome.REFUSED, WorkOutcome.SAMPLED, None]),
        part=PARTS,
    )
    | st.builds(
        OfficerResult,
        st.just(frozenset({"R-1"})),
        st.sampled_from([WorkOutcome.CLEARED, WorkOutcome.REFUSED]),
        follow_up=st.just(True),
        part=PARTS,
    ),
    max_size=5,
)


@given(FINDINGS, RESULTS)
def test_nothing_is_approved_that_would_not_be_approved_alone(
    findings: Sequence[Finding], recorded: Sequence[OfficerResult]
) -> None:
    """For each container: the verdict over the findings that touch it, with the results that are about it."""
    outcome = fold_parts(findings, recorded, GOODS)
    approves = outcome.verdict in (Verdict.APPROVED, Verdict.APPROVED_WITH_OBLIGATIONS)
    free = GOODS.of_part(outcome.part) if approves else frozenset()
    for box in BOXES.values():
        about = [each for each in recorded if box in GOODS.of_part(each.part)]
        alone = fold([each for each in findings if box in GOODS.touched(each)], about).verdict
        assert (box in free) == (alone in (Verdict.APPROVED, Verdict.APPROVED_WITH_OBLIGATIONS))


@given(FINDINGS, RESULTS)
def test_results_on_all_of_the_goods_say_what_they_always_said(
    findings: Sequence[Finding], recorded: Sequence[OfficerResult]
) -> None:
    undivided = [OfficerResult(each.rule_ids, each.outcome, each.follow_up) for each in recorded]
    names_nothing = [Finding(each.rule_id, 1, each.effect) for each in findings]
    assert fold_parts(names_nothing, undivided, GOODS) == fold(names_nothing, undivided)
