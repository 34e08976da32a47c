"""Which sequences of a log are there, kept as runs however many they are."""

from bisect import bisect_right
from collections.abc import Iterator


class Runs:
    """Disjoint runs of whole numbers in ascending order, never adjacent. Beyond `most` the lowest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._runs: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """First and last number of each run."""
        return iter(self._runs)

    def __contains__(self, number: int) -> bool:
        place = self._at_or_before(number)
        return place >= 0 and number <= self._runs[place][1]

    def add(self, number: int) -> None:
        """Adds a number, which may be there already."""
        runs = self._runs
        place = len(runs) - 1 if runs and runs[-1][0] <= number else self._at_or_before(number)
        first = last = number
        if place >= 0:
            if number <= runs[place][1]:
                return
            if number == runs[place][1] + 1:
                first = runs.pop(place)[0]
                place -= 1
        if place + 1 < len(runs) and runs[place + 1][0] == number + 1:
            last = runs.pop(place + 1)[1]
        runs.insert(place + 1, (first, last))
        if len(runs) > self._most:
            del runs[0]

    def _at_or_before(self, number: int) -> int:
        """The place of the run that begins at the number or before it; -1 where none does."""
        return bisect_right(self._runs, number, key=_first) - 1


def _first(run: tuple[int, int]) -> int:
    return run[0]
