"""Schemes that apply by themselves: who is entitled, and what the benefit does to selection."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from customs.domain.consignment import ConsignmentView, Direction
from customs.domain.facts import Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.risk.selection import Risk, Selection, Station, select
from customs.domain.risk.snapshot import Snapshot
from customs.domain.schemes import Scheme, entitled

MOMENT = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
TABLE = """
class  registration  way     goods     scheme
A      in-force      export  73181631  FAST_LANE
A      in-force      import  73181631  CONVENIENCE
A      in-force      export  28469011  CONVENIENCE
A      in-force      export  00999999  CONVENIENCE
A      suspended     export  73181631  -
A      expired       export  73181631  -
B      in-force      export  73181631  -
C      in-force      import  73181631  -
none   in-force      export  73181631  -
A      high-tech     export  73181631  FAST_LANE
A      high-tech     import  73181631  HIGH_TECH
B      high-tech     export  73181631  HIGH_TECH
C      high-tech     export  73181631  -
B      was-high-tech export  73181631  -
"""


def known(reference: Reference, view: ConsignmentView, enterprise_class: str, registration: str = "in-force") -> Facts:
    until = MOMENT - timedelta(days=1) if registration == "expired" else None
    enterprise = None
    if enterprise_class != "none":
        suspended = registration == "suspended"
        days = {"high-tech": 1, "was-high-tech": -1}.get(registration)
        certified = None if days is None else MOMENT + timedelta(days=days)
        enterprise = Enterprise("3302961234", EnterpriseClass[enterprise_class], None, until, suspended, certified)
    return Facts(reference, tuple(reference.commodity(item.code, view.direction) for item in view.items), enterprise)


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_who_is_entitled_follows_from_class_registration_way_and_goods(
    row: str, view: ConsignmentView, reference: Reference
) -> None:
    enterprise_class, registration, way, goods, scheme = row.split()
    seen = replace(view, direction=Direction[way.upper()], items=(replace(view.items[0], code=goods),))
    found = entitled(seen, known(reference, seen, enterprise_class, registration), MOMENT)
    assert (found.name if found else "-") == scheme


RELIEF = """
class  way     rate  random  expected  lane   rate-drawn
B      export  100   no      no        RED    1000000
A      export  100   no      no        GREEN  0
A      export  100   no      yes       GREEN  0
A      export  100   yes     no        RED    0
A      import  100   no      no        GREEN  0
A      import  200   no      no        RED    1000000
B      export  0     no      yes       RED    1000000
"""


@pytest.mark.parametrize("row", RELIEF.strip().splitlines()[1:])
def test_the_fast_lane_leaves_chance_alone_and_convenience_a_part_of_each_rate(
    row: str, view: ConsignmentView, reference: Reference
) -> None:
    """`rate` 200 stands for a criterion whose half still is everything; `rate-drawn` is the first mark's."""
    enterprise_class, way, rate, random, expected, lane, drawn = row.split()
    seen = replace(view, direction=Direction[way.upper()])
    found = selection(seen, known(reference, seen, enterprise_class), int(rate), random == "yes", expected == "yes")
    assert (found.lane.name, found.marks[0].rate) == (lane, int(drawn))


def selection(view: ConsignmentView, facts: Facts, percent: int, random: bool, expected: bool) -> Selection:
    anything = Condition(origins=frozenset({"CN"}))
    criterion = Criterion("A", 1, "测试", "test", Concern.FRAUD, Lane.RED, percent * MILLION // 100, anything)
    relief = {Scheme.FAST_LANE: 0, Scheme.CONVENIENCE: MILLION // 2 if percent > 100 else 0}
    chance, target = MILLION * random, MILLION * expected
    profile = Profile("e", "1", target, chance, 24, 100, Throttle(40, MILLION), (criterion,), relief)
    snapshot = Snapshot(0, declared=1000, candidates={Lane.RED: 1000})
    return select(view, facts, Risk(Station(Matcher(profile), snapshot, b"key")), MOMENT)
