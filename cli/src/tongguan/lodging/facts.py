"""Lodging facts: by kind in their order, agencies beside each other, and one that is away delays nobody."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from uuid import uuid4

from tongguan import statuses
from tongguan.channels import CALL_SECONDS, Peer
from tongguan.facts import BATCH_LIMIT, FACT_KINDS
from tongguan.failures import Failure, NotPermitted, Unavailable
from tongguan.lodging.lines import Fact, batches
from tongguan.lodging.outcome import Outcome
from tongguan.lodging.retrying import Deadline, ride_out

STUCK_SECONDS = 3.0


class FactLodging:
    """Lodges in the background. `lodged(agency, count)` and `stuck(agency, failure)` tell how it goes."""

    def __init__(
        self,
        peer_of: Callable[[str], Peer],
        outcome: Outcome,
        deadline: Deadline,
        lodged: Callable[[str, int], None],
        stuck: Callable[[str, Failure], None],
    ) -> None:
        self._peer_of, self._outcome, self._deadline = peer_of, outcome, deadline
        self._lodged, self._stuck = lodged, stuck

    def begin(self, facts: Sequence[Fact], pool: ThreadPoolExecutor) -> list[Future[None]]:
        """Starts one thread for each agency and returns when each has lodged all or is seen not to answer."""
        order = {name: place for place, name in enumerate(FACT_KINDS)}
        arranged = sorted(facts, key=lambda fact: order[fact.kind.name])  # the file's order stands within a kind
        futures, gates = [], []
        for agency in dict.fromkeys(fact.kind.agency for fact in arranged):
            gates.append(gate := Event())
            own = [fact for fact in arranged if fact.kind.agency == agency]
            futures.append(pool.submit(self._lodge_agency, agency, own, gate))
        for gate in gates:
            gate.wait()
        return futures

    def _lodge_agency(self, agency: str, facts: Sequence[Fact], gate: Event) -> None:
        try:
            peer = self._peer_of(agency)
            for kind in dict.fromkeys(fact.kind for fact in facts):
                for batch in batches((fact for fact in facts if fact.kind is kind), BATCH_LIMIT):
                    self._lodge(peer, batch, gate)
        finally:
            gate.set()

    def _lodge(self, peer: Peer, batch: Sequence[Fact], gate: Event) -> None:
        """One batch: all of it is stored or none, so one that is refused is halved until the bad fact stands alone."""
        kind = batch[0].kind
        request = kind.batch(str(uuid4()), [fact.message for fact in batch])
        try:
            ride_out(
                lambda: peer.call(kind.method, request, kind.response, min(CALL_SECONDS, self._deadline.left() + 0.2)),
                self._deadline,
                self._patience(kind.agency, gate),
            )
        except Failure as failure:
            if len(batch) == 1 or isinstance(failure, Unavailable | NotPermitted):
                self._outcome.put((fact.line, statuses.of_failure(failure)) for fact in batch)
                return
            half = len(batch) // 2
            self._lodge(peer, batch[:half], gate)
            self._lodge(peer, batch[half:], gate)
        else:
            self._outcome.put((fact.line, None) for fact in batch)
            self._lodged(kind.agency, len(batch))

    def _patience(self, agency: str, gate: Event) -> Callable[[Failure], None]:
        """Opens the gate for the submissions when an agency has not answered for a while; its facts follow later."""
        begin = time.monotonic()

        def waiting(failure: Failure) -> None:
            if time.monotonic() - begin > STUCK_SECONDS and not gate.is_set():
                self._stuck(agency, failure)
                gate.set()

        return waiting
