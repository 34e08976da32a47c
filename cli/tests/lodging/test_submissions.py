"""What is sent again, and how. The gateway here answers by script; outages of a real one are in ../stack."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.clearance_service_pb2 import SubmissionAnswer, SubmitClearanceRequest
from tongguan import statuses
from tongguan.failures import Exit, NotPermitted, Refused, Unavailable
from tongguan.lodging.lines import Submission
from tongguan.lodging.outcome import Outcome
from tongguan.lodging.retrying import Deadline
from tongguan.lodging.submissions import Submitting

OVERLOADED = statuses.make(Code.RESOURCE_EXHAUSTED, "try again later", "OVERLOADED")
INVALID = statuses.make(Code.INVALID_ARGUMENT, "weighs nothing", "FORM_INVALID")
ACCEPTED = SubmissionAnswer(clearance=Clearance(number="31002004000000000001"))
Reply = Callable[[Sequence[SubmitClearanceRequest]], list[SubmissionAnswer]]


class Scripted:
    """Answers one call after the other by its script, and keeps what it was sent."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.sent: list[list[str]] = []

    def batch_submit(self, requests: Sequence[SubmitClearanceRequest], seconds: float) -> list[SubmissionAnswer]:
        assert seconds > 0
        self.sent.append([request.request_id for request in requests])
        return self.script.pop(0)(requests)


def submit(gateway: Scripted, *names: str, seconds: float = 5.0) -> Outcome:
    lines = [Submission(line, SubmitClearanceRequest(request_id=name)) for line, name in enumerate(names, start=1)]
    outcome = Outcome([line.line for line in lines], lambda _line, _result: None)
    deadline = Deadline(seconds)
    submitting = Submitting(lambda _licence: gateway, outcome, deadline, lambda _new: None, lambda _failure: None)  # type: ignore[arg-type,return-value]
    with ThreadPoolExecutor(1) as pool:
        for future in submitting.begin(lines, 100, pool):
            future.result()
    return outcome


def answers(*answers: SubmissionAnswer) -> Reply:
    return lambda _requests: list(answers)


def fails(failure: Exception) -> Reply:
    def reply(_requests: Sequence[SubmitClearanceRequest]) -> list[SubmissionAnswer]:
        raise failure

    return reply


def error(status: Status) -> SubmissionAnswer:
    return SubmissionAnswer(error=status)


def test_only_what_nothing_was_decided_on_is_sent_again_with_the_same_request_id() -> None:
    gateway = Scripted(answers(ACCEPTED, error(OVERLOADED), error(INVALID)), answers(ACCEPTED))
    outcome = submit(gateway, "oolong", "pu'er", "jasmine")
    assert gateway.sent == [["oolong", "pu'er", "jasmine"], ["pu'er"]]
    assert outcome.errors == [(3, INVALID)]
    assert outcome.states.total() == 2


def test_an_unavailable_gateway_is_asked_again_for_the_whole_batch() -> None:
    gateway = Scripted(fails(Unavailable("gone", status=Status(code=Code.UNAVAILABLE))), answers(ACCEPTED, ACCEPTED))
    assert submit(gateway, "oolong", "jasmine").exit() is Exit.OK
    assert gateway.sent == [["oolong", "jasmine"], ["oolong", "jasmine"]]


def test_what_is_still_undecided_at_the_deadline_is_unavailable() -> None:
    gateway = Scripted(*[answers(error(OVERLOADED))] * 20)
    outcome = submit(gateway, "oolong", seconds=0.5)
    assert outcome.exit() is Exit.UNAVAILABLE
    assert len(gateway.sent) < 5


def test_who_is_told_when_to_come_again_does_not_come_before() -> None:
    told = Status()
    told.CopyFrom(OVERLOADED)
    told.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=20)))
    gateway = Scripted(*[answers(error(told))] * 20)
    assert submit(gateway, "oolong", seconds=5).exit() is Exit.UNAVAILABLE
    assert len(gateway.sent) == 1, "its time is over before that"
    told.details.pop()
    told.details.add().Pack(RetryInfo(retry_delay=Duration(nanos=700_000_000)))
    began = time.monotonic()
    assert submit(Scripted(answers(error(told)), answers(ACCEPTED)), "jasmine").exit() is Exit.OK
    assert time.monotonic() - began >= 0.7


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_one_stands_alone() -> None:
    def reply(requests: Sequence[SubmitClearanceRequest]) -> list[SubmissionAnswer]:
        if any(request.request_id == "poison" for request in requests):
            raise Refused("too large", status=Status(code=Code.RESOURCE_EXHAUSTED))
        return [ACCEPTED] * len(requests)

    outcome = submit(Scripted(*[reply] * 20), "oolong", "poison", "jasmine", "pu'er")
    assert [line for line, _status in outcome.errors] == [2]
    assert outcome.states.total() == 3


@pytest.mark.parametrize("count", [1, 4])
def test_what_is_not_permitted_is_not_tried_in_parts(count: int) -> None:
    gateway = Scripted(fails(NotPermitted("no", status=Status(code=Code.PERMISSION_DENIED))))
    assert submit(gateway, *"abcd"[:count]).exit() is Exit.NOT_PERMITTED
    assert len(gateway.sent) == 1
