"""The whole way of a file: facts first, then submissions; whoever does not answer is waited for until the deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.failures import Failure
from tongguan.lodging.facts import FactLodging
from tongguan.lodging.lines import Lines
from tongguan.lodging.outcome import Outcome, Result
from tongguan.lodging.retrying import Deadline
from tongguan.lodging.submissions import Submitting
from tongguan.progress import Progress
from tongguan.session import Session

FACTS, SUBMISSIONS = "facts", "submissions"
AGENCY_THREADS = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How a file is sent: submissions in one batch, batches at a time, and seconds for all of it."""

    batch: int = 100
    concurrency: int = 2
    timeout_seconds: float = 60.0


def send(
    session: Session,
    lines: Lines,
    pace: Pace,
    progress: Progress,
    tell: Callable[[int, Result], None],
    submitted: Callable[[Sequence[Clearance]], None] = lambda _clearances: None,
) -> Outcome:
    """Sends it and returns what became of each line; `tell` hears of each in the file's order."""
    numbers = [entry.line for entries in (lines.facts, lines.submissions, lines.bad) for entry in entries]
    outcome = Outcome(numbers, tell)
    outcome.put((bad.line, bad.status) for bad in lines.bad)
    deadline = Deadline(pace.timeout_seconds)
    with ThreadPoolExecutor(AGENCY_THREADS) as fact_pool, ThreadPoolExecutor(pace.concurrency) as submission_pool:
        try:
            futures = _lodge(session, lines, outcome, deadline, progress).begin(lines.facts, fact_pool)
            submitting = _submit(session, lines, outcome, deadline, progress, submitted)
            futures += submitting.begin(lines.submissions, pace.batch, submission_pool)
            for future in futures:
                future.result()
        except BaseException:  # Ctrl-C above all: what is under way must not be waited for until the deadline
            deadline.give_up()
            session.hang_up()
            for pool in (fact_pool, submission_pool):
                pool.shutdown(wait=False, cancel_futures=True)
            raise
    return outcome


def _lodge(session: Session, lines: Lines, outcome: Outcome, deadline: Deadline, progress: Progress) -> FactLodging:
    if lines.facts:
        progress.begin(FACTS, len(lines.facts))

    def stuck(agency: str, _failure: Failure) -> None:
        progress.state(FACTS, f"{agency} does not answer; its facts follow when it does")

    return FactLodging(
        lambda agency: session.peer(agency, "operator"),
        outcome,
        deadline,
        lambda _agency, count: progress.advance(FACTS, count),
        stuck,
    )


def _submit(
    session: Session,
    lines: Lines,
    outcome: Outcome,
    deadline: Deadline,
    progress: Progress,
    submitted: Callable[[Sequence[Clearance]], None],
) -> Submitting:
    if lines.submissions:
        progress.begin(SUBMISSIONS, len(lines.submissions))

    def accepted(clearances: Sequence[Clearance]) -> None:
        progress.advance(SUBMISSIONS, len(clearances))
        progress.state(SUBMISSIONS, "")
        submitted(clearances)

    def waiting(failure: Failure) -> None:
        progress.state(SUBMISSIONS, f"trying again: {failure.message}")

    return Submitting(
        lambda licence: session.clearances(_broker(session, licence)), outcome, deadline, accepted, waiting
    )


def _broker(session: Session, licence: str) -> str:
    """The identity to submit as: the declared broker's, or the usual one where the state folder has none such."""
    if session.direct:
        return "broker"
    return f"broker/{licence}" if licence in session.endpoints().brokers else "broker"
