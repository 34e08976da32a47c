"""Reading a file of typed lines. Facts and submissions come out apart; a bad line harms no other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest
from tongguan import statuses
from tongguan.clearances import content_of, request_id
from tongguan.facts import FACT_KINDS, FactKind, LineRefused, parse_line

BATCH_BYTES = 2 * 2**20  # what a convoy takes; also well below what a service receives in one message


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and the line it stood in."""

    line: int
    kind: FactKind
    message: Message


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission, its request id filled in, and the line it stood in."""

    line: int
    message: SubmitClearanceRequest

    @property
    def licence(self) -> str:
        """Licence of the broker who declares."""
        return self.message.consignment.broker_licence


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be sent, and why."""

    line: int
    status: Status


@dataclass(frozen=True, slots=True)
class Lines:
    """A file as read."""

    facts: Sequence[Fact]
    submissions: Sequence[Submission]
    bad: Sequence[Bad]


def read_lines(texts: Iterable[str | bytes]) -> Lines:
    """Reads the lines of a file, counted from 1; empty ones are passed over."""
    facts: list[Fact] = []
    submissions: list[Submission] = []
    bad: list[Bad] = []
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            kind, message = parse_line(text)
        except LineRefused as refused:
            bad.append(Bad(number, statuses.make(Code.INVALID_ARGUMENT, str(refused), "MALFORMED")))
            continue
        if isinstance(message, SubmitClearanceRequest):
            submissions.append(Submission(number, with_request_id(message)))
        else:
            facts.append(Fact(number, FACT_KINDS[kind], message))
    return Lines(facts, submissions, bad)


def with_request_id(request: SubmitClearanceRequest) -> SubmitClearanceRequest:
    """Fills a missing request id by broker, reference and content, so that sending a file twice has one effect."""
    if not request.request_id:
        declared = request.consignment
        request.request_id = request_id(
            "submit", declared.broker_licence, declared.reference, content_of(request.consignment)
        )
    return request


Item = TypeVar("Item", Fact, Submission)


def batches(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Cuts items into batches by number and by size; one larger than a batch goes alone."""
    batch: list[Item] = []
    size = 0
    for item in items:
        bytes_of_item = item.message.ByteSize()
        if batch and (len(batch) == most or size + bytes_of_item > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += bytes_of_item
    if batch:
        yield batch
