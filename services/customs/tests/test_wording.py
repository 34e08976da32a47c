"""How numbers and values stand in findings."""

import pytest

from customs.domain.wording import in_words, listed, yuan


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([7], "7"), ([3, 1, 2, 7], "1-3, 7"), ([1, 3, 5], "1, 3, 5"), (range(1, 1000), "1-999")],
)
def test_runs_of_item_numbers_are_drawn_together(numbers: list[int], words: str) -> None:
    assert in_words(numbers) == words


def test_long_lists_end_in_an_ellipsis() -> None:
    assert in_words(range(1, 999, 2)).endswith("39, …")
    assert listed(f"{n:03}" for n in range(50)).endswith("019, …")


def test_fen_become_yuan() -> None:
    assert (yuan(5), yuan(123456)) == ("0.05", "1234.56")
