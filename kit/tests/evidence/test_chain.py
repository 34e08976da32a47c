"""Edit, drop, reorder, cut in: the walk through a log names the first bad sequence."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from agencykit.evidence import LogFault, check_log
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision

from .conftest import Seal, decision

Log = list[SignedDecision]


@pytest.fixture
def log(seal: Seal) -> Log:
    """Ten decisions in batches of four, one and five."""
    entries: Log = []
    head = bytes(32)
    for first, last in pairwise((1, 5, 6, 11)):
        batch = [decision(number) for number in range(first, last)]
        entries += seal(batch, first_sequence=first, previous_head=head)
        head = BatchSeal.FromString(entries[-1].seal).head
    return entries


def test_a_whole_log_holds(log: Log) -> None:
    assert check_log("weighbridge/1", log) is None
    assert check_log("weighbridge/1", []) is None


def edited(log: Log) -> Log:
    log[2].decision = decision(3, verdict=8)
    return log


@pytest.mark.parametrize(
    ("tamper", "sequence"),
    [
        (edited, 4),
        (lambda log: log[:6] + log[7:], 7),
        (lambda log: log[:1] + log[2:3] + log[1:2] + log[3:], 2),
        (lambda log: log[1:], 1),
        (lambda log: log[:5] + log[4:], 6),
    ],
    ids=["an edit shows at its batch's head", "a gap", "a swap", "a cut head", "a repetition"],
)
def test_the_first_fault_is_named(log: Log, tamper: Callable[[Log], Log], sequence: int) -> None:
    fault = check_log("weighbridge/1", tamper(log))
    assert fault is not None
    assert fault.sequence == sequence


def test_an_entry_of_another_log_is_named(log: Log) -> None:
    assert check_log("weighbridge/2", log) == LogFault(1, "it belongs to another log")


def test_another_past_under_the_same_seals_is_named(log: Log, seal: Seal) -> None:
    forged = seal([decision(5, verdict=8)], first_sequence=5, previous_head=bytes(32))
    fault = check_log("weighbridge/1", [*log[:4], *forged, *log[5:]])
    assert fault == LogFault(5, "the head is not the one that was signed")
