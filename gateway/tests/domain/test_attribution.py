"""The attribution ledger: whatever happened, its intervals are the time, no more and no less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.attribution import ORDER, OUTAGE, Hold, Interval, partition, totals

NOON = 1_100_649_600_000_000
HOLDERS = ("customs", "inspection", "border", "port", "tax", "trader", "broker", "carrier", "partner_district", OUTAGE)
moments = st.integers(NOON - 50, NOON + 150)
any_hold = st.builds(
    lambda holder, begin, length: Hold(holder, begin, None if length is None else begin + length),
    st.sampled_from(HOLDERS),
    moments,
    st.none() | st.integers(0, 80),
)
histories = st.lists(any_hold, max_size=24)


@given(histories, moments, moments)
def test_the_intervals_are_disjoint_cover_the_whole_and_sum_to_it(held: list[Hold], begin: int, end: int) -> None:
    intervals = partition(held, begin, end)
    assert sum(interval.length for interval in intervals) == max(end - begin, 0)
    assert sum(totals(intervals).values()) == max(end - begin, 0)
    assert all(interval.length > 0 for interval in intervals)
    edges = [edge for interval in intervals for edge in (interval.begin, interval.end)]
    assert edges == sorted(edges)
    assert edges[1:-1:2] == edges[2::2], "each begins where the one before ends"
    assert (edges[0], edges[-1]) == (begin, end) if intervals else begin >= end


@given(histories, moments, moments)
def test_time_is_charged_to_somebody_who_held_the_case_then(held: list[Hold], begin: int, end: int) -> None:
    for interval in partition(held, begin, end):
        there = {hold.holder for hold in held if hold.begin <= interval.begin and (hold.end or end) >= interval.end}
        assert there <= set(interval.holders)
        assert interval.charged in (interval.holders or (OUTAGE,))


@given(histories, moments, moments, st.randoms(use_true_random=False))
def test_the_order_in_which_holds_are_read_does_not_matter(held, begin, end, random) -> None:  # type: ignore[no-untyped-def]
    assert partition(random.sample(held, len(held)), begin, end) == partition(held, begin, end)


@given(histories, moments, st.integers(0, 100), st.integers(0, 100))
def test_what_is_charged_in_a_part_of_finished_time_is_what_the_whole_says_of_it(
    held: list[Hold], begin: int, first: int, second: int
) -> None:
    cut, end = begin + first, begin + first + second
    parts = [*partition(held, begin, cut), *partition(held, cut, end)]
    assert totals(parts) == totals(partition(held, begin, end))


def test_of_several_who_finished_the_last_is_charged() -> None:
    """The bottleneck (短板): the port was ready after ten, the trader after thirty."""
    held = [Hold("port", NOON, NOON + 10), Hold("trader", NOON, NOON + 30), Hold("customs", NOON + 40, NOON + 50)]
    assert partition(held, NOON, NOON + 50) == (
        Interval(NOON, NOON + 10, "trader", ("port", "trader")),
        Interval(NOON + 10, NOON + 30, "trader", ("trader",)),
        Interval(NOON + 30, NOON + 40, OUTAGE, ()),
        Interval(NOON + 40, NOON + 50, "customs", ("customs",)),
    )


def test_of_several_who_still_have_it_the_one_who_waits_longest_is_charged() -> None:
    held = [Hold("border", NOON + 5), Hold("carrier", NOON), Hold("customs", NOON, NOON + 90)]
    assert totals(partition(held, NOON, NOON + 90)) == {"carrier": 90}


@pytest.mark.parametrize(
    ("both", "charged"),
    [
        (("inspection", "customs"), "customs"),
        (("tax", "port"), "port"),
        (("tax", "trader"), "tax"),
        (("broker", "carrier"), "carrier"),
        (("customs", OUTAGE), OUTAGE),
    ],
)
def test_ties_go_by_the_published_order(both: tuple[str, str], charged: str) -> None:
    for end in (NOON + 10, None):
        [interval] = partition([Hold(holder, NOON, end) for holder in both], NOON, NOON + 10)
        assert interval.charged == charged
    assert len(set(ORDER)) == len(ORDER)
