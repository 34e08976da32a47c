"""How many convoys may be under way, and when the next may leave.

Where the processor is the limit, one convoy under way beats two: what gathers meanwhile travels together. Only a large
crowd follows at once, so that it is recorded here while the agencies work on the convoy before. Where agencies merely
wait, a submission must not wait for somebody else's convoy, so several leave, spread over the time one takes. Agencies
say how long they worked (`work_duration`), which tells the two apart.

Who was just answered mostly comes again. So where the processor is the limit, a convoy that brought many answers is
followed, not at once by the few who waited for it, but by as many as there were before, or after a moment by those who
have come. Without it, crowds split into convoys that pay twice for what a convoy costs whatever it carries.
"""

from dataclasses import dataclass
from math import ceil

MOST_CONVOYS = 8
# Below this number, splitting what has gathered over several convoys costs more than it saves.
LEAST_SHARE = 8
# From so many that wait, the next convoy is recorded here while the agencies work on the last.
PIPELINED, PIPELINED_CONVOYS = 128, 2
# How long a convoy waits for those who were just answered: a share of what one takes beyond waiting for agencies.
GATHERING_SHARE = 0.5
# Weight of the newest convoy in the averages.
_WEIGHT = 0.25


@dataclass(slots=True)
class Pace:
    """Averages over the last convoys, in seconds. `wait` is waiting for agencies that wait; `work` all the rest."""

    most_convoys: int = MOST_CONVOYS
    wait: float = 0.0
    work: float = 0.0
    last_departure: float = float("-inf")
    # How many are looked for before the next departure, and until when.
    expected: int = 0
    gathering_end: float = float("-inf")

    def departed(self, now: float) -> None:
        """A convoy leaves."""
        self.last_departure, self.expected = now, 0

    def returned(self, answered: int, waiting: int, now: float) -> None:
        """A convoy with so many has been answered, while so many waited for the next. Call `learn` before."""
        if self.limit == 1 and answered >= LEAST_SHARE:
            self.expected = min(answered + waiting, PIPELINED)
            self.gathering_end = now + GATHERING_SHARE * max(self.work - self.wait, 0.0)

    def learn(self, total: float, slowest: float, worked: float) -> None:
        """Takes one convoy into account.

        `total` is from departure to its last record, `slowest` the longest agency call, `worked` how long that agency
        says it worked, 0 where it does not say: then all of it counts as waiting.
        """
        wait = max(slowest - worked, 0.0)
        work = max(total - wait, 1e-6)
        first = self.work == 0.0
        self.wait = wait if first else self.wait + _WEIGHT * (wait - self.wait)
        self.work = work if first else self.work + _WEIGHT * (work - self.work)

    @property
    def limit(self) -> int:
        """How many convoys may be under way: 1 while work outweighs waiting, more the more there is to wait."""
        if self.work == 0.0:
            return 1
        return max(1, min(int(1 + self.wait / self.work), self.most_convoys))

    def share(self, waiting: int, under_way: int, now: float) -> int:
        """How many of those waiting may leave now; 0 says not yet."""
        limit = self.limit
        if under_way >= limit and under_way:
            return waiting if waiting >= PIPELINED and under_way < PIPELINED_CONVOYS else 0
        if not waiting or (not under_way and waiting < self.expected and now < self.gathering_end):
            return 0
        share = max(LEAST_SHARE, ceil(waiting / max(limit - under_way, 1)))
        if under_way and waiting < share and now < self.next_departure:
            return 0
        return min(share, waiting)

    @property
    def next_departure(self) -> float:
        """When a convoy that is not full may follow the last one, so that the limit is never used up at once.

        Where others are looked for, when that ends.
        """
        if self.expected:
            return self.gathering_end
        return self.last_departure + (self.wait + self.work) / self.limit
