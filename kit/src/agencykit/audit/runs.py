"""Sequences as text, as a purge tells what it took: `3-7,9`."""

from collections.abc import Iterable, Iterator


def to_text(sequences: Iterable[int]) -> str:
    """In their order, neighbours together."""
    runs: list[list[int]] = []
    for each in sorted(set(sequences)):
        if runs and each == runs[-1][1] + 1:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def from_text(text: str) -> Iterator[int]:
    """The inverse. ValueError for what `to_text` never wrote."""
    for run in text.split(",") if text else ():
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
