"""Ctrl-C as the way in which one stops a command that goes on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_SECONDS = 1.0


@contextmanager
def until_interrupted() -> Iterator[None]:
    """The block goes on until it ends or is interrupted; either is a good end.

    Python raises an interrupt wherever it is at that moment. Where that is a callback of a library it is lost, so it is
    raised again each second until the block is left.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        raise KeyboardInterrupt

    before = [(each, signal.signal(each, interrupt)) for each in (signal.SIGINT, signal.SIGALRM)]
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for each, handler in before:
            signal.signal(each, signal.SIG_IGN if each == signal.SIGALRM else handler)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[1][1])
