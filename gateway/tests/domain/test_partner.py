"""How a partner stands, by what is known of it."""

import pytest

from gateway.domain.partner import DAY, NONE_COMMON, Reach, Standing, Trust, common_version, trust_in

NOON = 1_100_000_000_000_000


@pytest.mark.parametrize(
    ("ours", "theirs", "used"),
    [
        ((2, 1), (2, 1), 2),
        ((2, 1), (1,), 1),
        ((2, 1), (3, 2), 2),
        ((2, 1), (0,), NONE_COMMON),
        ((2, 1), (), NONE_COMMON),
    ],
    ids=["alike", "older", "newer", "two behind", "none told"],
)
def test_the_highest_common_version_is_used(ours: tuple[int, ...], theirs: tuple[int, ...], used: int) -> None:
    assert common_version(ours, theirs) == used


@pytest.mark.parametrize(
    ("left", "trust"),
    [(31 * DAY, Trust.IN_FORCE), (30 * DAY, Trust.ENDS_SOON), (1, Trust.ENDS_SOON), (0, Trust.EXPIRED)],
)
def test_trust_ends_with_its_bundle_and_is_warned_of_30_days_before(left: int, trust: Trust) -> None:
    assert trust_in(NOON + left, NOON) is trust


def test_absence_counts_from_the_first_miss_and_ends_with_an_answer() -> None:
    standing = Standing()
    assert standing.reach is Reach.UNKNOWN
    standing = standing.missed(NOON, "UNAVAILABLE").missed(NOON + DAY, "UNAUTHENTICATED")
    assert (standing.reach, standing.unreached_since, standing.reason) == (Reach.AWAY, NOON, "UNAUTHENTICATED")
    standing = standing.answered(NOON + 2 * DAY, 2, "0.1.0")
    assert (standing.reach, standing.unreached_since, standing.reach_time) == (Reach.ANSWERS, None, NOON + 2 * DAY)
    assert standing.answered(NOON + 3 * DAY, NONE_COMMON, "9").reach is Reach.INCOMPATIBLE


def test_what_was_agreed_stands_while_the_partner_is_away() -> None:
    assert Standing().answered(NOON, 2, "0.1.0").missed(NOON, "UNAVAILABLE").contract_version == 2
