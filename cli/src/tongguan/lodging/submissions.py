"""Submitting in batches by the broker who declares, some at a time, whatever happens to the gateway meanwhile."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from google.rpc.status_pb2 import Status

from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.clearance_service_pb2 import SubmissionAnswer
from tongguan import statuses
from tongguan.clearances import ANSWER_SECONDS, Clearances
from tongguan.failures import Failure, NotPermitted, Unavailable
from tongguan.lodging.lines import Submission, batches
from tongguan.lodging.outcome import Outcome
from tongguan.lodging.retrying import Deadline, ride_out


class Submitting:
    """Submits through the gateway. `submitted(clearances)` and `waiting(failure)` tell how it goes."""

    def __init__(
        self,
        client_of: Callable[[str], Clearances],
        outcome: Outcome,
        deadline: Deadline,
        submitted: Callable[[Sequence[Clearance]], None],
        waiting: Callable[[Failure], None],
    ) -> None:
        self._client_of, self._outcome, self._deadline = client_of, outcome, deadline
        self._submitted, self._waiting = submitted, waiting

    def begin(self, submissions: Sequence[Submission], batch_size: int, pool: ThreadPoolExecutor) -> list[Future[None]]:
        """Hands every batch to the pool. A batch is one broker's, for his certificate speaks for it."""
        futures = []
        for licence in dict.fromkeys(submission.licence for submission in submissions):
            client = self._client_of(licence)
            own = (submission for submission in submissions if submission.licence == licence)
            futures += [pool.submit(self._submit, client, batch) for batch in batches(own, batch_size)]
        return futures

    def _submit(self, client: Clearances, batch: Sequence[Submission]) -> None:
        """One batch, sent again with the same request ids for those items that nothing was decided on."""
        pending = list(batch)

        def attempt() -> None:
            nonlocal pending
            answers = client.batch_submit([item.message for item in pending], self._seconds())
            answered = list(zip(pending, answers, strict=True))
            again = [(item, answer.error) for item, answer in answered if _undecided(answer)]
            pending = [item for item, _status in again]
            self._record([(item.line, _result(answer)) for item, answer in answered if not _undecided(answer)])
            if again:
                raise Unavailable(statuses.text(again[-1][1]), status=again[-1][1])

        try:
            ride_out(attempt, self._deadline, self._waiting)
        except (Unavailable, NotPermitted) as failure:
            self._refuse(pending, failure)
        except Failure as failure:
            # The call as a whole was refused, for its size perhaps: halve it until what is wrong stands alone.
            if len(pending) == 1:
                self._refuse(pending, failure)
            else:
                half = len(pending) // 2
                self._submit(client, pending[:half])
                self._submit(client, pending[half:])

    def _record(self, results: Sequence[tuple[int, Clearance | Status]]) -> None:
        self._outcome.put(results)
        self._submitted([result for _line, result in results if isinstance(result, Clearance)])

    def _refuse(self, pending: Sequence[Submission], failure: Failure) -> None:
        status = statuses.of_failure(failure)
        self._outcome.put((submission.line, status) for submission in pending)

    def _seconds(self) -> float:
        return min(ANSWER_SECONDS, max(self._deadline.left(), 1.0))


def _undecided(answer: SubmissionAnswer) -> bool:
    return answer.HasField("error") and statuses.transient(answer.error)


def _result(answer: SubmissionAnswer) -> Clearance | Status:
    return answer.error if answer.HasField("error") else answer.clearance
