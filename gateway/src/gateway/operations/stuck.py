"""Steps of guarantees' uses that a ledger does not take: taken again later, or set aside where others go through."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from gateway.domain.guarantee import GuaranteeRelease
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.ports import CallFailed
from gateway.operations.sift import WHOLE, Tries

# A ledger works that has taken a step since a use failed first, or so shortly before. Where it has not, a use must fail
# so often to be set aside.
LATELY = 60_000_000
LONE_TRIES = 12
# All steps of a case at a home, where the case itself cannot be worked on.
EVERY = "every"
Failed = tuple[GuaranteeRelease, str]
# One call for all of them: those that it did not move, and why.
Take = Callable[[Sequence[GuaranteeRelease]], Awaitable[Sequence[Failed]]]
# Those whose step is taken again later, those that are set aside, and why the first was not taken.
PutOff = Callable[[Sequence[GuaranteeRelease], Sequence[Poison], str], Awaitable[None]]


@dataclass(slots=True)
class Stuck:
    """Of the uses of one kind at one home district."""

    kind: Kind
    home: str
    context: Callable[[], Context]
    tries: Tries = field(default_factory=Tries)
    _worked: Micros | None = None
    _since: dict[Hashable, Micros] = field(default_factory=dict)

    async def take(self, releases: Sequence[GuaranteeRelease], step: Take, put_off: PutOff) -> None:
        """Takes one step of these. Where one may be to blame for a failure, the others are taken in smaller calls."""
        try:
            failed = await step(releases)
        except WHOLE:
            raise
        except Exception as error:
            called = error if isinstance(error, CallFailed) else None
            suspected, half = called is None or called.item_suspected, len(releases) // 2
            if suspected and half:
                await self.take(releases[:half], step, put_off)
                await self.take(releases[half:], step, put_off)
                return
            reason = called.reason if called else reason_of(error)
            later, poison = self.sort([(releases[0], reason)]) if suspected else (list(releases), [])
            await put_off(later, poison, reason)
        else:
            self.went_through(releases, failed)
            if failed:
                await put_off(*self.sort(failed), failed[0][1])

    def went_through(self, releases: Sequence[GuaranteeRelease], failed: Sequence[Failed]) -> None:
        """The ledger has taken a step of these just now, but of those that failed."""
        left = {_key(each) for each, _ in failed}
        taken = [key for each in releases if (key := _key(each)) not in left]
        for key in taken:
            self.tries.forget(key)
            self._since.pop(key, None)
        if taken:
            self._worked = self.context().now

    def sort(self, failed: Sequence[Failed]) -> tuple[list[GuaranteeRelease], list[Poison]]:
        """Those whose step is taken again later, and those that have failed often enough."""
        later, poison = [], []
        for each, reason in failed:
            key = _key(each)
            if self.tries.failed(key, limit := self._limit(key)):
                self.tries.forget(key)
                self._since.pop(key, None)
                poison.append(Poison(self.kind, self.home, each.number, str(each.generation), reason, limit))
            else:
                later.append(each)
        return later, poison

    def unreadable(self, number: str, reason: str) -> list[Poison]:
        """The case of this number cannot be worked on: set aside after some times, with all its uses here."""
        limit = self.context().limits.refusals
        if not self.tries.failed(number, limit):
            return []
        self.tries.forget(number)
        return [Poison(self.kind, self.home, number, EVERY, reason, limit)]

    def _limit(self, key: Hashable) -> int:
        context = self.context()
        since = self._since.setdefault(key, context.now)
        works = self._worked is not None and self._worked > since - LATELY
        return context.limits.refusals if works else max(LONE_TRIES, context.limits.refusals)


def _key(release: GuaranteeRelease) -> Hashable:
    return release.number, release.generation, release.state
