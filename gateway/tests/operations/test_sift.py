"""What fails in a batch is found by halves, and counted."""

import pytest

from agencykit.refusals import Unavailable
from gateway.operations.sift import MOST, Tries, sift

BAD = {7, 11}


async def test_what_fails_stands_alone_and_all_others_are_done_in_their_order() -> None:
    done: list[int] = []
    batches: list[int] = []

    async def work(part: list[int]) -> None:
        batches.append(len(part))
        if BAD & set(part):
            raise ValueError
        done.extend(part)

    found = await sift(list(range(32)), work)
    assert [item for item, _ in found] == sorted(BAD)
    assert done == [each for each in range(32) if each not in BAD]
    assert len(batches) < 2 * 2 * 6, "a batch of 32 has five levels of halves"


async def test_a_database_that_is_away_is_nobodys_fault() -> None:
    async def work(part: list[int]) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        await sift([1, 2, 3], work)


def test_tries_are_counted_up_to_the_bound_and_for_a_bounded_number_of_items() -> None:
    tries = Tries()
    assert [tries.failed("bad", 3) for _ in range(3)] == [False, False, True]
    tries.forget("bad")
    assert not tries.failed("bad", 3)
    for number in range(MOST):
        tries.failed(number, 3)
    assert not tries.failed("bad", 2), "the earliest is forgotten"
