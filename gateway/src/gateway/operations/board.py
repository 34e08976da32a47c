"""Where callers wait for their case, and hear of it when it is recorded."""

import asyncio

from gateway.operations.views import View

Waiter = asyncio.Future[View]


class Board:
    """Callers by the number they wait for. A case that nobody here works on gives no news: do not wait for it."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Waiter]] = {}
        self._flights: dict[str, int] = {}
        # Cases whose flight is over and which are due again at once: another flight follows.
        self._going_on: set[str] = set()

    def begin(self, number: str) -> None:
        """A flight with this case begins."""
        self._going_on.discard(number)
        self._flights[number] = self._flights.get(number, 0) + 1

    def end(self, number: str) -> None:
        """It ends; who still waits where no other flight follows reads the case himself."""
        left = self._flights.pop(number) - 1
        if left:
            self._flights[number] = left
        elif number not in self._going_on:
            for waiter in self._waiting.pop(number, ()):
                waiter.cancel()

    def expects(self, number: str) -> bool:
        """Whether news of this case will come."""
        return number in self._flights

    def wait(self, number: str, waiter: Waiter) -> None:
        """`waiter` gets the case once no agency it needs is still to answer, or is cancelled when no news comes.

        Who does not want to wait any longer cancels it himself.
        """
        self._waiting.setdefault(number, []).append(waiter)
        waiter.add_done_callback(lambda done: self._forget(number, done))

    def post(self, view: View, *, closed: bool) -> None:
        """News of a case; `closed` says that its flight has nothing more to say."""
        number = view.case.number
        if not view.case.expects_answer():
            for waiter in self._waiting.pop(number, ()):
                if not waiter.done():
                    waiter.set_result(view)
        elif closed and number in self._waiting:
            self._going_on.add(number)

    def _forget(self, number: str, waiter: Waiter) -> None:
        waiting = self._waiting.get(number, [])
        if waiter in waiting:
            waiting.remove(waiter)
        if not waiting:
            self._waiting.pop(number, None)
            self._going_on.discard(number)
