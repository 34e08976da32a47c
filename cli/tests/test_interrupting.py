"""Ctrl-C ends what goes on, also where the first of it is lost."""

import os
import signal
import time

from tongguan.interrupting import until_interrupted


def test_an_interrupt_ends_the_block_and_handlers_are_as_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with until_interrupted():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_interrupt_that_is_lost_comes_again() -> None:
    begun = time.monotonic()
    lost = 0
    with until_interrupted():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            lost += 1
        time.sleep(30)
    assert lost == 1
    assert time.monotonic() - begun < 10
