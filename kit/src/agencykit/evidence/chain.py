"""The hash chain of a log: entry_n = SHA-256(0x02 ‖ entry_{n-1} ‖ leaf_n), entry_0 = 32 zeros."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from agencykit.evidence.merkle import leaf_hash
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision

EMPTY_HEAD = bytes(32)


@dataclass(frozen=True, slots=True)
class LogFault:
    """The first place where a log is not what it should be, and what is wrong there."""

    sequence: int
    flaw: str


def next_head(head: bytes, leaf: bytes) -> bytes:
    """The head after one more leaf."""
    return sha256(b"\x02" + head + leaf).digest()


def check_log(log: str, entries: Iterable[SignedDecision]) -> LogFault | None:
    """Walks a whole log from sequence 1 and names its first fault; None where it is gapless and chained.

    Signatures are `Verifier.verify`'s matter: this proves that nothing was edited, dropped or moved between the heads
    that were signed.
    """
    head = EMPTY_HEAD
    for expected, entry in enumerate(entries, start=1):
        seal = BatchSeal.FromString(entry.seal)
        decision = Decision.FromString(entry.decision)
        if decision.log != log or seal.log != log:
            return LogFault(expected, "it belongs to another log")
        if decision.sequence != expected or seal.first_sequence + entry.proof.index != expected:
            return LogFault(expected, "the sequence has a gap or was reordered")
        head = next_head(head, leaf_hash(entry.decision))
        if expected == seal.first_sequence + seal.count - 1 and head != seal.head:
            return LogFault(expected, "the head is not the one that was signed")
    return None
