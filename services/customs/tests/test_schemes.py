"""Schemes: who is entitled to what, by the table that comes along, and what the benefit does to selection."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from customs.domain.consignment import ConsignmentView, Direction
from customs.domain.entitlement import division, entitled
from customs.domain.facts import Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.risk.selection import Risk, Selection, Station, select
from customs.domain.risk.snapshot import Snapshot
from customs.domain.schemes import Scheme, SchemeTable, Terms

MOMENT = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ALL_SIX = "HIGH_TECH ADVANCE NETWORKED PREMISES URGENT GUARANTEE"
TABLE = f"""
class registration  way    port  goods    schemes
A     in-force      export CNBLG 73181631 FAST_LANE
A     in-force      import CNBLG 73181631 CONVENIENCE BUSY_PORT
A     in-force      import CNZOS 73181631 CONVENIENCE
A     in-force      export CNBLG 28469011 CONVENIENCE
A     in-force      export CNBLG 00999999 CONVENIENCE
A     in-force      export CNBLG 07020000 FAST_LANE GREEN_LANE
A     suspended     export CNBLG 73181631 -
A     expired       export CNBLG 73181631 -
B     in-force      export CNBLG 73181631 -
B     in-force      import CNBLG 73181631 BUSY_PORT
B     in-force      import CNZOS 73181631 -
B     in-force      import CNZOS 07020000 GREEN_LANE
C     in-force      import CNBLG 07020000 -
none  in-force      export CNBLG 73181631 -
A     high-tech     export CNBLG 73181631 FAST_LANE URGENT GUARANTEE
A     high-tech     import CNBLG 73181631 HIGH_TECH ADVANCE URGENT GUARANTEE
B     high-tech     export CNBLG 73181631 HIGH_TECH URGENT GUARANTEE
B     registered    import CNZOS 73181631 {ALL_SIX}
B     registered    import CNBLG 07020000 {ALL_SIX}
B     lapsed        import CNZOS 73181631 HIGH_TECH ADVANCE PREMISES URGENT GUARANTEE
C     registered    import CNBLG 73181631 -
B     was-high-tech export CNBLG 73181631 -
"""


def enterprise(name: str, registration: str) -> Enterprise | None:
    """`registered`: certified as high-tech, networked, examined at home; `lapsed`: networked no longer."""
    if name == "none":
        return None
    days = {"high-tech": 1, "registered": 1, "lapsed": 1, "was-high-tech": -1}.get(registration)
    networked = {"registered": 1, "lapsed": -1}.get(registration)
    return Enterprise(
        "3302961234",
        EnterpriseClass[name],
        valid_until_time=MOMENT - DAY if registration == "expired" else None,
        suspended=registration == "suspended",
        high_tech_until_time=None if days is None else MOMENT + days * DAY,
        networked_until_time=None if networked is None else MOMENT + networked * DAY,
        premises="宁波保税区扬帆路17号" if networked else "",
    )


def known(reference: Reference, view: ConsignmentView, name: str, registration: str = "in-force") -> Facts:
    commodities = tuple(reference.commodity(item.code, view.direction) for item in view.items)
    return Facts(reference, commodities, enterprise(name, registration))


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_who_is_entitled_follows_from_class_registration_way_port_and_goods(
    row: str, view: ConsignmentView, reference: Reference
) -> None:
    name, registration, way, port, goods, schemes = row.split(maxsplit=5)
    item = replace(view.items[0], code=goods)
    seen = replace(view, direction=Direction[way.upper()], port_code=port, items=(item,))
    found = entitled(seen, known(reference, seen, name, registration), MOMENT)
    assert " ".join(scheme.name for scheme in found) == schemes.replace("-", "")


def test_goods_that_do_not_wait_are_so_to_the_last_item(view: ConsignmentView, reference: Reference) -> None:
    fresh, other = replace(view.items[0], code="07020000"), view.items[0]
    for items, granted in (((fresh, fresh), True), ((fresh, other), False)):
        seen = replace(view, items=items)
        assert (Scheme.GREEN_LANE in entitled(seen, known(reference, seen, "A"), MOMENT)) is granted


OPTION = """
number             day  granted
3101961234         0    yes
3101961234         -1   no
3302961234         0    no
91310115MA1H000011 0    yes
DE811234567        0    no
"""


@pytest.mark.parametrize("row", OPTION.strip().splitlines()[1:])
def test_an_option_of_later_law_holds_from_its_day_on_and_for_those_of_other_places(
    row: str, view: ConsignmentView, reference: Reference
) -> None:
    number, day, granted = row.split()
    since = MOMENT - int(day) * DAY
    terms = Terms(frozenset({EnterpriseClass.A}), away_from=frozenset({"3302"}), since=since)
    lists = replace(reference, schemes=SchemeTable({Scheme.HOME: terms}))
    facts = Facts(lists, (), Enterprise(number, EnterpriseClass.A))
    assert entitled(view, facts, MOMENT) == ((Scheme.HOME,) if granted == "yes" else ())


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


@pytest.mark.parametrize(
    ("identifier", "registered"),
    [("3302961234", "3302"), ("91330200144097485H", "3302"), ("DE3302001440974851", ""), ("0002961234", ""), ("", "")],
)
def test_only_a_number_of_this_country_tells_where_an_enterprise_is_registered(
    identifier: str, registered: str
) -> None:
    assert division(Enterprise(identifier, EnterpriseClass.A)) == registered
