"""What a verification found: for each log its first fault, and what can be said beside."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """`faults` has the first of each log, by log: (sequence, flaw)."""

    faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    sound: list[str] = field(default_factory=list)
    # Of files and certificates.
    others: list[str] = field(default_factory=list)

    def fault(self, log: str, sequence: int, flaw: str) -> None:
        """One more; the first sequence of a log counts."""
        known = self.faults.get(log)
        if known is None or sequence < known[0]:
            self.faults[log] = (sequence, flaw)

    @property
    def lines(self) -> list[str]:
        """All faults, one a line."""
        told = [
            f"{log}: first bad sequence {sequence}: {flaw}" for log, (sequence, flaw) in sorted(self.faults.items())
        ]
        return [*told, *self.others]
