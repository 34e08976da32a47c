"""Step 2 of a clearance: cases under lease are put before all agencies at once, first pass and recovery alike.

Each agency has its own line, so that a slow one holds up nobody's answer from another. What each line brings is
recorded as it comes; the recorder puts together what comes together.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from agencykit.runtime import Clock
from gateway.domain.answer import Answer, Answered
from gateway.operations.batches import Batches
from gateway.operations.board import Board
from gateway.operations.fold import AskAnswer, Held
from gateway.operations.known import Known
from gateway.operations.lines import Line
from gateway.operations.ports import Agreement, CallFailed, ItemRefused, Reply, Spans
from gateway.operations.questions import Cargo, Question, Result, is_assessment, is_needed, places, questions
from gateway.operations.recorder import Recorder
from gateway.operations.traces import Traces
from gateway.operations.trip import Trip

# Told with one call. They are one for each log as long as everything is recorded in order.
MOST_STRETCHES = 64
NOT_CONFIGURED = Answer(Answered.UNSENT, "NOT_CONFIGURED")


@dataclass(slots=True)
class Flights:
    """Runs flights over the lines."""

    lines: dict[str, Line]
    recorder: Recorder
    board: Board
    spans: Spans
    clock: Clock
    known: Known
    traces: Traces

    def begin(self, cargo: Cargo) -> None:
        """From now on callers may wait for this case; `fly` must follow."""
        self.board.begin(cargo.case.number)
        self.traces.begin(cargo)

    async def fly(self, cargos: Sequence[Cargo], trip: Trip) -> None:
        """Returns once everything that was asked is answered or parked, and recorded."""
        try:
            await self._ask_all(cargos, trip)
        finally:
            for cargo in cargos:
                self.board.end(cargo.case.number)
                self.traces.end(cargo.case.number)

    async def _ask_all(self, cargos: Sequence[Cargo], trip: Trip) -> None:
        by_agency: dict[str, list[Question]] = {}
        nothing_to_ask: list[tuple[Held, AskAnswer | None]] = []
        trip.begun = self.clock.monotonic()
        for cargo in cargos:
            held = Held(cargo.case, 0)
            asked = questions(cargo, held, self.traces.context(cargo.case))
            held.outstanding = len(asked)
            for question in asked:
                by_agency.setdefault(question.ask.agency, []).append(question)
            if not asked:
                nothing_to_ask.append((held, None))
        trip.lines_left = sum(any(map(is_needed, asked)) for asked in by_agency.values())
        parts = [self._ask(agency, asked, trip) for agency, asked in by_agency.items()]
        if nothing_to_ask:
            parts.append(self.recorder.record(nothing_to_ask, trip, complete=True))
        await asyncio.gather(*parts)

    async def _ask(self, agency: str, asked: Sequence[Question], trip: Trip) -> None:
        """One agency's part of the flight: assessments in batches, withdrawals one by one."""
        line = self.lines.get(agency)
        if line is None:
            failures = [(question.held, question.failure(NOT_CONFIGURED)) for question in asked]
            await self._record(failures, asked, trip)
            return
        withdrawals = [question for question in asked if not is_assessment(question)]
        runs = [self._run(line, trip, partial(self._withdraw, line), [question]) for question in withdrawals]
        if assessments := [question for question in asked if is_assessment(question)]:
            runs.append(self._run(line, trip, partial(self._assess, line, trip), assessments))
        line.under_way += 1
        try:
            results = [result for run in await asyncio.gather(*runs) for result in run]
            arrived = places(result for _, result in results if not isinstance(result, Answer))
            self.known.arrived(arrived)
            line.logs.update([log for log, _ in arrived])
        finally:
            line.under_way -= 1
        try:
            await self._record([_answered(question, result) for question, result in results], asked, trip)
        finally:
            self.known.settled(arrived)

    async def _record(self, answers: Sequence[tuple[Held, AskAnswer]], asked: Sequence[Question], trip: Trip) -> None:
        trip.lines_left -= any(map(is_needed, asked))
        await self.recorder.record(answers, trip, complete=trip.lines_left <= 0)

    async def _run(
        self,
        line: Line,
        trip: Trip,
        send: Callable[[Sequence[Question]], Awaitable[Sequence[Result]]],
        asked: Sequence[Question],
    ) -> list[tuple[Question, Result | Answer]]:
        """What became of each question: a result, or why there is none."""
        batches: Batches[Question, Result] = Batches(line, send, trip.patient)
        await batches.run(asked)
        return [
            (question, batches.results[place] if place in batches.results else batches.failures[place])
            for place, question in enumerate(asked)
        ]

    async def _assess(self, line: Line, trip: Trip, asked: Sequence[Question]) -> Sequence[Result]:
        """One AssessConsignments. The call's span is linked from the spans of its items."""
        call, begun, began = self.spans.child(""), self.clock.monotonic(), self.spans.now()
        items = [question.assessment() for question in asked]
        recorded = self.known.stretches(line.logs, MOST_STRETCHES)
        try:
            reply = await line.port.assess(items, recorded, line.limits.call_budget, call)
        except CallFailed as failed:
            trip.take(self.clock.monotonic() - begun, 0.0)
            self._tell(line, asked, call, began, failed.reason)
            raise
        trip.take(self.clock.monotonic() - begun, reply.work_seconds)
        self._tell(line, asked, call, began, reply=reply)
        return reply.answers

    async def _withdraw(self, line: Line, asked: Sequence[Question]) -> Sequence[Result]:
        """One WithdrawConsignment: rare, so each travels alone."""
        (question,) = asked
        began = self.spans.now()
        result: Agreement | ItemRefused | None = None
        try:
            result = await line.port.withdraw(question.withdrawal(), line.limits.call_budget)
        finally:
            name, attributes = f"withdraw {line.name}", {"agency": line.name}
            error = "" if isinstance(result, Agreement) else getattr(result, "reason", "UNANSWERED")
            self.spans.record(name, "", question.span, began, self.spans.now(), attributes, error)
        return [result]

    def _tell(
        self, line: Line, asked: Sequence[Question], call: str, began: int, error: str = "", reply: Reply | None = None
    ) -> None:
        """The spans of one call: one of its own, and `ask <agency>` in the trace of each clearance that the agency did
        not decide at its first asking. Where it did, its own `<agency>.assess` says it all.
        """
        ended, name = self.spans.now(), f"ask {line.name}"
        self.spans.record("convoy", call, "", began, ended, {"agency": line.name, "batch.size": len(asked)}, error)
        for place, question in enumerate(asked):
            answer = reply.answers[place] if reply else None
            refused = answer.reason if isinstance(answer, ItemRefused) else error
            if refused or question.ask.attempts:
                attributes = {"agency": line.name, "attempt": question.ask.attempts + 1}
                self.spans.record(name, "", question.span, began, ended, attributes, refused, link=call)


def _answered(question: Question, result: Result | Answer) -> tuple[Held, AskAnswer]:
    answer = question.failure(result) if isinstance(result, Answer) else question.answer(result)
    return question.held, answer
