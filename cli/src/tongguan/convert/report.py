"""What a conversion has to say for itself: supplied, assumed, altered, not carried over."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tongguan.convert.ledger import Entry

_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on one field of the submission; `path` is where in the document it came from, if from there."""

    field: str
    note: str
    path: str = ""


@dataclass(slots=True)
class Report:
    """The account of one declaration."""

    file: str
    position: int
    """Position of the declaration in its file, from 1."""
    reference: str = ""
    items: int = 0
    supplied: dict[str, str] = field(default_factory=dict)
    """Fields of the consignment that the profile supplied, and with what."""
    assumed: list[Note] = field(default_factory=list)
    """What the declaration does not say and the mapping took as given."""
    altered: list[Note] = field(default_factory=list)
    """Texts that do not stand in the submission letter by letter."""
    not_carried: list[Entry] = field(default_factory=list)
    carried: list[Entry] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)
    """Kind of fact the profile lodges → how many."""
    withheld: list[Note] = field(default_factory=list)
    """Facts the profile asks for that cannot be stated without inventing something; `field` is the kind."""

    def to_dict(self) -> dict[str, Any]:
        """The report as one line of JSON Lines."""
        return {
            "file": self.file,
            "declaration": self.position,
            "reference": self.reference,
            "items": self.items,
            "supplied": self.supplied,
            "assumed": [_note(note) for note in self.assumed],
            "altered": [_note(note) for note in self.altered],
            "notCarried": [{"path": e.path, "value": e.value, "reason": e.reason} for e in self.not_carried],
            "carried": [{"path": entry.path, "value": entry.value, "field": entry.field} for entry in self.carried],
            "facts": dict(self.facts),
            "withheld": [_note(note) for note in self.withheld],
        }

    def summary(self) -> Iterator[str]:
        """Lines for a person."""
        yield (
            f"{self.file}: {self.reference}, {_count(self.items, 'item')}, {len(self.carried)} values carried over, "
            f"{len(self.not_carried)} not"
        )
        if self.supplied:
            yield f"  supplied by the profile: {', '.join(f'{name}={value}' for name, value in self.supplied.items())}"
        for title, notes in (("assumed", self.assumed), ("altered", self.altered), ("withheld", self.withheld)):
            yield from (f"  {title}: {note.field}: {note.note}" for note in notes)
        if self.facts:
            yield f"  facts: {', '.join(f'{count} {kind}' for kind, count in self.facts.items())}"
        yield from (f"  not carried over: {line}" for line in self._missing())

    def _missing(self) -> Iterator[str]:
        """One line for each reason, with every path; a path once, however many positions it stands at."""
        reasons: dict[str, Counter[str]] = {}
        for entry in self.not_carried:
            reasons.setdefault(entry.reason, Counter())[_POSITION.sub("", entry.path)] += 1
        for reason, paths in reasons.items():
            yield f"{reason}: {', '.join(_times(path, count) for path, count in paths.items())}"


def _note(note: Note) -> dict[str, str]:
    return {"field": note.field, "note": note.note} | ({"path": note.path} if note.path else {})


def _times(path: str, count: int) -> str:
    return path if count == 1 else f"{path} ({count} times)"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
