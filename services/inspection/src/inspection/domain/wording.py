"""How figures stand in a finding's parameters. Texts are templates of the catalogue; only values are made here."""

from collections.abc import Iterable
from itertools import pairwise

LONGEST = 20


def in_words(numbers: Iterable[int]) -> str:
    """Item numbers, runs drawn together: `1-3, 7`. After 20 runs an ellipsis; the scope names them all."""
    ordered = sorted(set(numbers))
    if ordered and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}-{ordered[-1]}" if len(ordered) > 1 else str(ordered[0])
    starts = ordered[:1] + [after for before, after in pairwise(ordered) if after != before + 1]
    ends = [before for before, after in pairwise(ordered) if after != before + 1] + ordered[-1:]
    runs = [str(start) if start == end else f"{start}-{end}" for start, end in zip(starts, ends, strict=True)]
    return ", ".join(runs if len(runs) <= LONGEST else [*runs[:LONGEST], "…"])


def listed(values: Iterable[str]) -> str:
    """Values once each, in order, after 20 an ellipsis: `C640, N853`."""
    ordered = sorted(set(values))
    return ", ".join(ordered if len(ordered) <= LONGEST else [*ordered[:LONGEST], "…"])


def kilograms(grams: int) -> str:
    """A mass without needless digits: `1000`, `12.5`."""
    return f"{grams / 1000:.3f}".rstrip("0").rstrip(".")
