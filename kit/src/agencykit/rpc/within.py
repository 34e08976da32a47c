"""What is called while a call is being answered ends before that call does, whatever time it is given.

Known by the task: a call is answered in one, and what its handler awaits there is on behalf of its caller. Work that
the handler begins in tasks of its own (convoys, flights, loops) is nobody's alone and has the time that it is given.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from agencykit.rpc.call import Call

_answered: ContextVar[tuple["asyncio.Task[object] | None", Call] | None] = ContextVar("answered", default=None)


@contextmanager
def answering(call: Call) -> Iterator[None]:
    """While this lasts, this task answers the call."""
    token = _answered.set((asyncio.current_task(), call))
    try:
        yield
    finally:
        _answered.reset(token)


def within(timeout_seconds: float) -> float:
    """So much time, or what is left of the call that this task answers. The margin for the way home is taken off."""
    answered = _answered.get()
    if answered is None or answered[0] is not asyncio.current_task():
        return timeout_seconds
    return min(timeout_seconds, answered[1].remaining())
