"""The spans of holds that share one call to a ledger."""

from collections.abc import Iterable, Sequence

from gateway.domain.case import Case
from gateway.domain.guarantee import GuaranteeRelease
from gateway.operations.ports import Spans
from gateway.operations.traces import placed


class Reservations:
    """Each hold is a span `guarantee.reserve` about its case. The call of one stands below it; that of several below a
    trace of its own, `guarantee.convoy`, to which each of them is linked.
    """

    def __init__(self, spans: Spans, held: Iterable[tuple[GuaranteeRelease, Case]]) -> None:
        self._spans, self._begin = spans, spans.now()
        self._placed = [(release, *placed(case, self._begin)) for release, case in held]
        # Context of the span below which the call stands.
        self.call = spans.child(self._placed[0][1] if self.alone else "")

    @property
    def alone(self) -> bool:
        return len(self._placed) == 1

    def end(self, home: str, failures: Sequence[str]) -> None:
        """They have ended; for each why it failed, if it did."""
        now = self._spans.now()
        for (release, parent, link), failure in zip(self._placed, failures, strict=True):
            said = {"clearance.number": release.number, "guarantee.use": release.generation, "district": home}
            own, links = (self.call, (link,)) if self.alone else ("", (link, self.call))
            self._spans.record("guarantee.reserve", own, parent, self._begin, now, said, failure, links)
        if not self.alone:
            shared = {"district": home, "batch.size": len(self._placed)}
            self._spans.record("guarantee.convoy", self.call, "", self._begin, now, shared)
