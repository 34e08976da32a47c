"""The lines of a sample file, in order: registers and calls, facts of every consignment, submissions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tongguan.facts import SUBMISSION
from tongguan.sample.lodged import facts, registers
from tongguan.sample.numbers import tag
from tongguan.sample.plan import draw
from tongguan.sample.pools import Pools, pools
from tongguan.sample.submission import submission
from tongguan.sample.truth import truth

DEFAULT_BROKER = "3104980001"
MOST = 9_999_999  # seven digits in a reference


def generate(count: int, seed: int, as_of: datetime, broker_licence: str = DEFAULT_BROKER) -> Iterator[dict[str, Any]]:
    """Lines for `tongguan submit`: facts first, then `count` submissions.

    The same arguments give the same lines. Every consignment is drawn twice, once for its facts and once for its
    submission, so that memory does not grow with the count.
    """
    shared = _shared(count, seed, as_of, broker_licence)
    yield from registers(shared)
    for number in range(1, count + 1):
        yield from facts(draw(number, shared), shared)
    for number in range(1, count + 1):
        yield {SUBMISSION: submission(draw(number, shared), shared)}


def hidden_truth(
    count: int, seed: int, as_of: datetime, broker_licence: str = DEFAULT_BROKER
) -> Iterator[dict[str, Any]]:
    """What is really inside each consignment that `generate` makes of the same arguments; one line for each."""
    return truth(count, _shared(count, seed, as_of, broker_licence))


def _shared(count: int, seed: int, as_of: datetime, broker_licence: str) -> Pools:
    own = tag(seed, as_of.isoformat(), broker_licence)
    return pools(count, f"{seed}/{broker_licence}", own, as_of, broker_licence)
