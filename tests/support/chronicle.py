"""What happened, line by line: the same seed writes the same lines, byte for byte."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass
class Chronicle:
    """`seen` counts what happened, so that a test can ask whether it ever does; it is part of no history."""

    moment: Callable[[], float]
    lines: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, who: str, what: str) -> None:
        """One thing that happened at this moment."""
        self.lines.append(f"{self.moment():.6f} {who} {what}")

    def note(self, kind: str, who: str = "", what: str = "") -> None:
        """The same, for something whose kind is counted."""
        self.seen[kind] += 1
        self.add(who or "world", f"{kind} {what}".rstrip())

    def text(self) -> bytes:
        """All of it."""
        return "\n".join([*self.lines, ""]).encode()

    def digest(self) -> str:
        """A name for exactly this history."""
        return sha256(self.text()).hexdigest()
