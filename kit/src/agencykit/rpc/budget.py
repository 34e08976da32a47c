"""How often calls to one peer may be repeated: a part of how many there are, so that trouble is not multiplied. Pure.

Each call pays in a part of a retry, and each retry takes one. Beside that a little comes with time, so that a peer that
is seldom called is tried again too. Times are the runtime's monotonic seconds.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class RetryBudget:
    """`part` retries for each call, `per_second` for each second, `most` saved up, with which it begins."""

    part: float = 0.1
    per_second: float = 0.2
    most: float = 10.0
    saved: float = field(init=False)
    _since: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self.saved = self.most

    def called(self) -> None:
        """A first call goes out."""
        self.saved = min(self.saved + self.part, self.most)

    def permits(self, now: float) -> bool:
        """Whether a retry may go out."""
        self.saved = (
            min(self.saved + (now - self._since) * self.per_second, self.most) if self.per_second else self.saved
        )
        self._since = now
        return self.saved >= 1

    def take(self, now: float) -> bool:
        """The same, and it goes out."""
        if not self.permits(now):
            return False
        self.saved -= 1
        return True
