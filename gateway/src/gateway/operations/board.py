"""Where callers wait for their case, and hear of it when it is recorded."""

import asyncio

from gateway.operations.views import View


class Board:
    """Callers by the number they wait for. A case that nobody here works on gives no news: do not wait for it."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[View]]] = {}
        self._worked_on: dict[str, int] = {}

    def begin(self, number: str) -> None:
        """A flight with this case begins."""
        self._worked_on[number] = self._worked_on.get(number, 0) + 1

    def end(self, number: str) -> None:
        """It ends; who still waits without another flight under way reads the case himself."""
        left = self._worked_on.pop(number) - 1
        if left:
            self._worked_on[number] = left
        else:
            for future in self._waiting.pop(number, ()):
                if not future.done():
                    future.cancel()

    def expects(self, number: str) -> bool:
        """Whether news of this case will come."""
        return number in self._worked_on

    def wait(self, number: str, future: "asyncio.Future[View]") -> None:
        """`future` gets the case once no agency it needs is still to answer, or is cancelled when no news comes."""
        self._waiting.setdefault(number, []).append(future)

    def post(self, view: View) -> bool:
        """News of a case; True where it was the news its callers wait for."""
        if view.case.expects_answer():
            return False
        for future in self._waiting.pop(view.case.number, ()):
            if not future.done():
                future.set_result(view)
        return True
