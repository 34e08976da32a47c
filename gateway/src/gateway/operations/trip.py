"""One flight's figures, shared by those who take part in it."""

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Trip:
    """One flight: how long its slowest call took, and how long that agency says it worked; seconds."""

    # Nobody waits for it.
    patient: bool = False
    # Monotonic seconds.
    begun: float = 0.0

    slowest: float = 0.0
    worked: float = 0.0
    # Lines whose answers its cases need and that have not brought them yet.
    lines_left: int = 0

    def take(self, seconds: float, worked: float) -> None:
        """Takes one call into account."""
        if seconds > self.slowest:
            self.slowest, self.worked = seconds, worked
