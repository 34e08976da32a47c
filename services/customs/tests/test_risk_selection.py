"""Which consignments are selected, into which lane and why: decision tables in plain text."""

import hmac
from datetime import UTC, date, datetime
from statistics import mean

import pytest

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.reference import Reference
from customs.domain.risk.draws import Draws, secret_of_day, subject
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, RANDOM, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.risk.selection import Mark, Risk, Selection, Station, Way, select
from customs.domain.risk.snapshot import Snapshot
from customs.domain.risk.tally import DRAWN_RED, role

MOMENT = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
# The consignment of these tests is an export, so each of these is met.
ANY = Condition(directions=frozenset({2}))
# A hundred of a thousand met a red, yellow or blue criterion and were not drawn; nobody was examined yet.
HUNGRY = Snapshot(0, declared=1000, candidates={Lane.RED: 100, Lane.YELLOW: 100, Lane.BLUE: 100})

TABLE = """
criteria met            random  expected  lane    by
-                       no      no        GREEN   -
red always              no      no        RED     A
red never               no      no        GREEN   -
yellow always           no      no        YELLOW  A
blue always             no      no        BLUE    A
yellow always, red never  no    no        YELLOW  A
yellow always, red always no    no        RED     B
blue always, yellow always no   no        YELLOW  B
red always, red always  no      no        RED     A,B
-                       yes     no        RED     RANDOM
blue always             yes     no        RED     RANDOM
red always              yes     no        RED     A,RANDOM
red never               no      10        RED     A
yellow never            no      10        GREEN   -
yellow never            no      20        RED     A
yellow always           no      20        RED     A
blue never              no      20        GREEN   -
blue never              no      30        RED     A
blue always             no      30        RED     A
blue never, red never   no      10        RED     B
-                       no      30        GREEN   -
red always              no      30        RED     A
"""


def profile_of(*criteria: Criterion, random: int = 0, expected: int = 0) -> Profile:
    return Profile("e", "1", expected, random, 24, 100, Throttle(40, MILLION // 10), criteria)


def criterion(id: str, lane: Lane, rate: int, when: Condition = ANY) -> Criterion:
    return Criterion(id, 1, "测试", "test", Concern.FRAUD, lane, rate, when)


def selection(view: ConsignmentView, profile: Profile, snapshot: Snapshot = HUNGRY) -> Selection:
    return select(view, Facts(None, ()), Risk(Station(Matcher(profile), snapshot, b"key")), MOMENT)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_criteria_come_first_then_chance_then_the_fill_red_over_yellow_over_blue(
    row: str, view: ConsignmentView
) -> None:
    *said, random, expected, lane, by = row.replace("- ", "", row.startswith("-")).split()
    words = " ".join(said).split(", ") if said else []
    criteria = [
        criterion("AB"[place], Lane[colour.upper()], MILLION if how == "always" else 0)
        for place, (colour, how) in enumerate(word.split() for word in words)
    ]
    profile = profile_of(
        *criteria,
        random=MILLION if random == "yes" else 0,
        expected=0 if expected == "no" else int(expected) * 10_000,
    )
    found = selection(view, profile)
    reasons = ",".join(mark.stratum[0] for mark in found.reasons)
    assert (found.lane.name, reasons or "-") == (lane, by)


def test_a_criterion_that_has_found_nothing_is_throttled_and_one_find_lets_it_go(view: ConsignmentView) -> None:
    profile = profile_of(rule := criterion("A", Lane.RED, 500_000))
    for inspected, found, rate in ((39, 0, 500_000), (40, 0, 50_000), (400, 0, 50_000), (40, 1, 500_000)):
        snapshot = Snapshot(0, results={("A", 1): (inspected, found)})
        assert snapshot.rate(rule, profile) == rate
        assert selection(view, profile, snapshot).marks[0].rate == rate


def test_the_fill_takes_no_more_than_is_missing_and_waits_for_enough_traffic() -> None:
    profile = profile_of(expected=50_000)
    few = Snapshot(0, declared=99, candidates={Lane.RED: 90})
    assert few.fill_rates(profile) == {}
    enough = Snapshot(0, declared=1000, drawn_red=20, candidates={Lane.RED: 10, Lane.YELLOW: 40, Lane.BLUE: 7})
    assert enough.fill_rates(profile) == {Lane.RED: MILLION, Lane.YELLOW: MILLION // 2}
    reached = Snapshot(0, declared=1000, drawn_red=50, candidates={Lane.RED: 10})
    assert reached.fill_rates(profile) == {}


def test_an_amendment_neither_draws_again_nor_shakes_a_selection_off(view: ConsignmentView) -> None:
    profile = profile_of(criterion("A", Lane.RED, MILLION), random=MILLION)
    stood = Mark(("Z", 3), Lane.RED, Way.DRAWN, 7, MILLION)
    risk = Risk(Station(Matcher(profile), HUNGRY, b"key"), {("Z", 3): stood}, is_first=False)
    found = select(view, Facts(None, ()), risk, MOMENT)  # type: ignore[arg-type]
    assert [mark.stratum[0] for mark in found.marks] == ["Z", "A"], "the old mark, the new criterion, no new chance"
    assert [mark.stratum[0] for mark in found.added] == ["A"]
    assert found.random_draw is None


def test_a_draw_is_the_hmac_of_the_days_secret_over_what_no_broker_can_try_out() -> None:
    key = secret_of_day(b"s" * 32, date(2004, 11, 22))
    named = subject("3104980001", "NB-2004-0017", "COSU4700911")
    expected = hmac.digest(key, f"RANDOM\x1f{named}".encode(), "sha256")
    assert Draws(key).draw(RANDOM, named) == int.from_bytes(expected[:8], "big") * MILLION >> 64
    assert secret_of_day(b"s" * 32, date(2004, 11, 23)) != key


def test_draws_lie_evenly_and_strata_draw_apart() -> None:
    draws = Draws(b"key")
    numbers = [draws.draw(RANDOM, str(n)) for n in range(4000)]
    assert abs(mean(numbers) - MILLION / 2) < 4 * MILLION / 12**0.5 / 4000**0.5
    assert all(0 <= number < MILLION for number in numbers)
    assert sum(a == b for a, b in zip(numbers, [draws.draw("A", str(n)) for n in range(4000)], strict=True)) < 5


MATCHES = """
condition                                  met
directions=export                          yes
directions=import                          no
trade_modes=0110                           yes
trade_modes=0214                           no
enterprise_classes=B                       yes
enterprise_classes=C                       no
special_areas=*                            no
broker_quality_below=60                    no
hs_prefixes=7318                           yes
hs_prefixes=7319                           no
origins=CN                                 yes
origins=DE                                 no
cny_per_kg_above=2000                      yes
cny_per_kg_above=4000                      no
cny_per_kg_below=4000                      yes
cny_per_kg_below=2000                      no
hs_prefixes=7318 origins=CN                yes
hs_prefixes=7318 origins=DE                no
hs_prefixes=7318 cny_per_kg_below=2000     no
"""


@pytest.mark.parametrize("row", MATCHES.strip().splitlines()[1:])
def test_what_a_condition_asks_must_all_hold(row: str, view: ConsignmentView, reference: Reference) -> None:
    """43 kg of rivet nuts from China for 9,500 pounds: some 3,300 yuan a kilogram."""
    from customs.domain.facts import Broker, Enterprise, EnterpriseClass

    *asked, met = row.split()
    known = Facts(
        reference,
        tuple(reference.commodity(item.code, view.direction) for item in view.items),
        Enterprise("3302961234", EnterpriseClass.B),
        Broker("3104980001"),
    )
    rule = criterion("A", Lane.RED, 0, _condition(dict(part.split("=") for part in asked)))
    assert bool(Matcher(profile_of(rule)).met(view, known, MOMENT)) == (met == "yes")


def _condition(asked: dict[str, str]) -> Condition:
    made = {
        "directions": lambda text: frozenset({{"import": 1, "export": 2}[text]}),
        "hs_prefixes": lambda text: (text,),
        "broker_quality_below": int,
        "cny_per_kg_above": float,
        "cny_per_kg_below": float,
    }
    return Condition(**{name: made.get(name, lambda one: frozenset({one}))(text) for name, text in asked.items()})


def test_each_consignment_counts_once_as_drawn_red_or_as_a_candidate(view: ConsignmentView) -> None:
    both = profile_of(criterion("A", Lane.BLUE, 0), criterion("B", Lane.YELLOW, MILLION), random=MILLION)
    drawn, counts_as = role(selection(view, both))
    assert (drawn and drawn.stratum[0], counts_as) == (RANDOM, DRAWN_RED)
    waiting = profile_of(criterion("A", Lane.BLUE, 0), criterion("B", Lane.YELLOW, MILLION))
    candidate, counts_as = role(selection(view, waiting))
    assert (candidate and candidate.stratum[0], counts_as) == ("B", Lane.YELLOW)
    assert role(selection(view, profile_of())) == (None, 0)
