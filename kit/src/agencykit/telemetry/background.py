"""A bounded queue with a thread behind it: whoever adds never waits, and what does not fit is dropped and counted."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Background(Generic[Item]):
    """Hands items to `consume` in batches, on a thread of its own, at least every `interval` seconds.

    A `consume` that raises loses its batch, which is counted as dropped; the thread goes on. `tell` hears when items
    begin to be lost, with the error if there is one, and when they no longer are; with how many were lost so far.
    """

    def __init__(
        self,
        name: str,
        consume: Callable[[list[Item]], None],
        *,
        limit: int,
        interval: float,
        batch: int = 512,
        tell: Callable[[bool, int, Exception | None], None] | None = None,
    ) -> None:
        self._consume, self._tell = consume, tell
        self._lost, self._losing = 0, False
        self._limit, self._interval, self._batch = limit, interval, batch
        self._queue: deque[Item] = deque()
        self._wake, self._closing = threading.Event(), False
        self._busy = threading.Lock()
        self.dropped = 0
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def add(self, item: Item) -> None:
        """Puts an item on the queue; never blocks."""
        if len(self._queue) >= self._limit:
            self.dropped += 1
        else:
            self._queue.append(item)

    def flush(self) -> None:
        """Hands over all that waits, on the calling thread, after what is under way."""
        with self._busy:
            while self._queue:
                self._hand_over()

    def close(self, timeout: float = 2.0) -> bool:
        """Hands over what waits and ends the thread; False where it gave that up after `timeout` seconds."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._interval)
            self.flush()
        self.flush()

    def _hand_over(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(self._batch, len(self._queue)))]
        try:
            self._consume(batch)
        except Exception as error:
            # Telemetry never breaks the work it watches: the loss is counted, and `failure` is shown by the metrics.
            self.dropped += len(batch)
            self.failure = error
        self._look()

    def _look(self) -> None:
        """Since the last batch: was anything lost, of this one or of what found no room?"""
        lost, self._lost = self.dropped - self._lost, self.dropped
        if bool(lost) != self._losing:
            self._losing = bool(lost)
            if self._tell is not None:
                self._tell(self._losing, self.dropped, self.failure if self._losing else None)
