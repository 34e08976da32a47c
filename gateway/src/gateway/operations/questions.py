"""Questions on their way to an agency, and what its answers mean for the case."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.domain.answer import Answer, Answered
from gateway.domain.case import Ask, Case
from gateway.domain.identifiers import ASSESS
from gateway.operations.fold import AskAnswer, Held
from gateway.operations.ports import Agreement, AssessItem, ItemRefused, Place, WithdrawItem
from gateway.storage.consignments import Version
from gateway.storage.decisions import Received

Result = Received | ItemRefused | Agreement
_DECIDED = Answer(Answered.DECIDED)


@dataclass(frozen=True, slots=True)
class Root:
    """Where the clearance's root span hangs, as traceparents: below the caller's span, or linked to the call's."""

    parent: str = ""
    link: str = ""


@dataclass(slots=True)
class Cargo:
    """One case to be put before the agencies, held by this replica under `case.epoch`."""

    case: Case
    version: Version
    # Agency -> its SignedDecision on the current version, for those that others depend on.
    decided: dict[str, bytes] = field(default_factory=dict)
    # Of a case that flies for the first time.
    root: Root | None = None


@dataclass(slots=True)
class Question:
    """One ask of one case. `span` is the context below which its work stands."""

    cargo: Cargo
    held: Held
    ask: Ask
    span: str

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call."""
        return len(self.cargo.version.consignment) + 1024

    @property
    def attempts(self) -> int:
        """How often it was asked before."""
        return self.ask.attempts

    def assessment(self) -> AssessItem:
        """As an item of AssessConsignments."""
        case, version = self.cargo.case, self.cargo.version
        others = [*case.policy.depends_on.get(self.ask.agency, ())]
        if case.policy.declared_at:
            # What was decided at home.
            others += sorted(name for name in self.cargo.decided if name not in case.policy.asked)
        return AssessItem(
            case.number,
            version.version,
            version.consignment,
            version.digest,
            version.assertion,
            version.accept_time,
            self.span,
            case.urgent,
            case.request_id(self.ask),
            tuple(self.cargo.decided[other] for other in others if other in self.cargo.decided),
        )

    def withdrawal(self) -> WithdrawItem:
        """As a WithdrawConsignment."""
        case = self.cargo.case
        reason, assertion = (case.withdrawal.reason, case.withdrawal.assertion) if case.withdrawal else ("", b"")
        return WithdrawItem(case.number, self.ask.version, case.request_id(self.ask), reason, self.span, assertion)

    def answer(self, result: Result) -> AskAnswer:
        """What the agency's result means."""
        if isinstance(result, Received):
            return self._answer(_DECIDED, result)
        if isinstance(result, ItemRefused):
            kind = Answered.SILENT if result.transient else Answered.REFUSED
            return self._answer(Answer(kind, result.reason))
        kind = Answered.OBJECTED if result.objection else Answered.AGREED
        return self._answer(Answer(kind, result.objection))

    def failure(self, answer: Answer) -> AskAnswer:
        """No result, for this reason."""
        return self._answer(answer)

    def _answer(self, answer: Answer, received: Received | None = None) -> AskAnswer:
        return AskAnswer(self.ask.agency, self.ask.purpose, self.ask.version, answer, received)


def questions(cargo: Cargo, held: Held, trace: str) -> list[Question]:
    """All that is to be asked about one case now; what the agencies do stands below `trace`."""
    return [Question(cargo, held, ask, trace) for ask in cargo.case.put_asks()]


def is_assessment(question: Question) -> bool:
    """Whether it travels in batches; withdrawals go one by one."""
    return question.ask.purpose == ASSESS


def is_needed(question: Question) -> bool:
    """Whether its case waits for the answer: a withdrawal's, or that of an agency without which it is not released."""
    return question.ask.purpose != ASSESS or question.ask.agency in question.cargo.case.policy.needed


def places(results: Iterable[Result]) -> list[Place]:
    """Where the decisions among the results stand in their logs."""
    return [(r.decision.log, r.decision.sequence) for r in results if isinstance(r, Received)]
