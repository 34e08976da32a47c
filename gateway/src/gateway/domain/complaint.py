"""Complaints (投诉): what may happen to one, and where that leaves it. Pure.

FILED      → ASSIGNED, at once where agency or kind says whose it is, else by the port office (口岸办)
ASSIGNED   → ANSWERED by an officer of whose it is | ASSIGNED to another
FILED, ASSIGNED → ESCALATED by itself, when the answer was due
ANSWERED   → ACCEPTED | ESCALATED by whoever complains | LAPSED by itself, when the time to contest is over
ESCALATED  → ARBITRATED, which binds | ESCALATED with an answer that comes late
… and WITHDRAWN by whoever complains, from wherever it has not ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from gateway.domain.identifiers import Micros
from gateway.domain.worktime import WorkTime


class State(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Complaint.State)."""

    FILED = 1
    ASSIGNED = 2
    ANSWERED = 3
    ESCALATED = 4
    ARBITRATED = 5
    ACCEPTED = 6
    LAPSED = 7
    WITHDRAWN = 8


class Channel(IntEnum):
    """Numbers are the contract's."""

    PUBLIC = 1
    BROKER = 2
    OFFICE = 3


class Escalation(IntEnum):
    """Numbers are the contract's; 0 is none."""

    NONE = 0
    COMPLAINANT = 1
    DEADLINE = 2


class Outcome(IntEnum):
    """Of an answer; numbers are the contract's."""

    REMEDIED = 1
    EXPLAINED = 2
    REJECTED = 3


class Event(StrEnum):
    """What happens to a complaint."""

    ASSIGN = "assigned"
    ANSWER = "answered"
    ACCEPT = "accepted"
    ESCALATE = "escalated"
    ARBITRATE = "arbitrated"
    WITHDRAW = "withdrawn"
    # By themselves.
    OVERDUE = "overdue"
    LAPSE = "lapsed"


OPEN = frozenset({State.FILED, State.ASSIGNED, State.ANSWERED, State.ESCALATED})
# What is not in it is refused.
TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.FILED, Event.ASSIGN): State.ASSIGNED,
    (State.FILED, Event.OVERDUE): State.ESCALATED,
    (State.ASSIGNED, Event.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Event.ANSWER): State.ANSWERED,
    (State.ASSIGNED, Event.OVERDUE): State.ESCALATED,
    (State.ANSWERED, Event.ACCEPT): State.ACCEPTED,
    (State.ANSWERED, Event.ESCALATE): State.ESCALATED,
    (State.ANSWERED, Event.LAPSE): State.LAPSED,
    (State.ESCALATED, Event.ANSWER): State.ESCALATED,
    (State.ESCALATED, Event.ARBITRATE): State.ARBITRATED,
    **{(state, Event.WITHDRAW): State.WITHDRAWN for state in OPEN},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of complaint; of the two terms to answer one is 0."""

    id: str
    zh: str
    en: str
    # Whose it is where the complaint names nobody; empty: the port office says.
    agency: str
    answer_hours: int
    answer_days: int
    arbitrate_days: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The district's table: kinds by id, and the time in which terms run."""

    version: str
    kinds: Mapping[str, Kind]
    contest_days: int
    time: WorkTime
    # Of a kind that an older table had.
    other: Kind = field(default_factory=lambda: Kind("OTHER", "其他", "Other", "", 0, 10, 10))

    def kind(self, id_: str) -> Kind:
        """The kind, or how others are dealt with where the table has lost it."""
        return self.kinds.get(id_, self.other)

    def answer_due(self, kind: Kind, filed: Micros) -> Micros:
        """By when it is to be answered."""
        if kind.answer_hours:
            return self.time.after_hours(filed, kind.answer_hours)
        return self.time.after_days(filed, kind.answer_days)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer answered."""

    outcome: Outcome
    paragraphs: tuple[str, ...]
    # Who he acted for.
    agency: str
    officer: str
    time: Micros


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint. How whoever complains can be reached is no part of it (storage.complaints)."""

    number: str
    kind: str
    channel: Channel
    # From the certificate; the console's where it is from the public.
    filer: str
    # SHA-256 of the token; empty where there is none.
    token_digest: bytes
    named_agency: str
    clearance_number: str
    trace_id: str
    paragraphs: tuple[str, ...]
    month: str
    file_time: Micros
    answer_due: Micros
    state: State = State.FILED
    # Whose it is; empty while nobody's.
    agency: str = ""
    answer: Answer | None = None
    contest_due: Micros | None = None
    escalation: Escalation = Escalation.NONE
    escalate_time: Micros | None = None
    contest: tuple[str, ...] = ()
    arbitrate_due: Micros | None = None
    end_time: Micros | None = None

    @property
    def due_time(self) -> Micros | None:
        """When something happens by itself."""
        if self.state in (State.FILED, State.ASSIGNED):
            return self.answer_due
        return self.contest_due if self.state is State.ANSWERED else None

    def due_event(self, now: Micros) -> Event | None:
        """What happens by itself by now."""
        due = self.due_time
        if due is None or due > now:
            return None
        return Event.LAPSE if self.state is State.ANSWERED else Event.OVERDUE

    def moved(self, event: Event) -> State | None:
        """Where the event leads from here; None where it is refused. What was answered is not answered again."""
        if event is Event.ANSWER and self.answer is not None:
            return None
        return TRANSITIONS.get((self.state, event))

    def _in(self, event: Event, now: Micros) -> "Complaint | None":
        state = self.moved(event)
        if state is None:
            return None
        return replace(self, state=state, end_time=None if state in OPEN else now)

    def assigned(self, agency: str, now: Micros) -> "Complaint | None":
        """It is that agency's to answer."""
        after = self._in(Event.ASSIGN, now)
        return after and replace(after, agency=agency)

    def answered(self, answer: Answer, rules: Rules) -> "Complaint | None":
        """Answered; whoever complains has so long to contest it. One that was escalated meanwhile stays so."""
        after = self._in(Event.ANSWER, answer.time)
        if after is None:
            return None
        contest = rules.time.after_days(answer.time, rules.contest_days) if after.state is State.ANSWERED else None
        return replace(after, answer=answer, contest_due=contest)

    def accepted(self, now: Micros) -> "Complaint | None":
        """Whoever complains is content."""
        return self._in(Event.ACCEPT, now)

    def contested(self, paragraphs: tuple[str, ...], now: Micros, rules: Rules) -> "Complaint | None":
        """Whoever complains is not, and says why."""
        after = self._in(Event.ESCALATE, now)
        return after and _escalated(replace(after, contest=paragraphs), Escalation.COMPLAINANT, now, rules)

    def arbitrated(self, now: Micros) -> "Complaint | None":
        """The port office has decided."""
        return self._in(Event.ARBITRATE, now)

    def withdrawn(self, now: Micros) -> "Complaint | None":
        """Taken back."""
        return self._in(Event.WITHDRAW, now)

    def by_itself(self, now: Micros, rules: Rules) -> "tuple[Event, Complaint] | None":
        """What has happened by now, and the complaint after it."""
        event = self.due_event(now)
        after = self._in(event, now) if event else None
        if event is None or after is None:
            return None
        if event is Event.OVERDUE:
            after = _escalated(after, Escalation.DEADLINE, now, rules)
        return event, after

    def in_time(self) -> bool:
        """Whether its answer was."""
        return self.answer is not None and self.answer.time <= self.answer_due


def _escalated(complaint: Complaint, cause: Escalation, now: Micros, rules: Rules) -> Complaint:
    due = rules.time.after_days(now, rules.kind(complaint.kind).arbitrate_days)
    return replace(complaint, escalation=cause, escalate_time=now, arbitrate_due=due)
