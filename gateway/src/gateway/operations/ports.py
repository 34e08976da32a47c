"""What operations need from outside: agencies, the signature under an order, spans. `rpc/` and `app.py` supply them."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from gateway.domain.case import Case
from gateway.domain.decision import Decision
from gateway.domain.examination import CalledOff, Examination
from gateway.domain.exit import Exit
from gateway.domain.head import LogHead
from gateway.domain.identifiers import Micros
from gateway.storage.decisions import Received
from gateway.storage.outcomes import Outcome

# The reason of an agency that knows less than was read of it, or than it receipted: an old copy, put back.
POSITION_AHEAD = "POSITION_AHEAD"


class CallFailed(Exception):
    """A call to an agency brought no answers. `reason` names why: a gRPC code, a refusal's reason, GARBLED, UNTRUSTED.

    `item_suspected` says that something in the batch may be to blame, so that smaller batches are worth a try.
    """

    def __init__(self, reason: str, *, item_suspected: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.item_suspected = item_suspected


class AssessItem(NamedTuple):
    """One consignment version to be assessed. Made for each agency: a tuple costs a quarter of a frozen dataclass."""

    number: str
    version: int
    consignment: bytes
    digest: bytes
    # Who submitted it: a SignedAssertion, as it was signed when he was met.
    assertion: bytes
    accept_time: Micros
    # traceparent below which the agency's work stands.
    trace: str
    urgent: bool
    request_id: str
    # SignedDecisions this one depends on.
    depends_on: tuple[bytes, ...] = ()
    # How often it was asked before.
    attempts: int = 0

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call."""
        return len(self.consignment) + sum(map(len, self.depends_on)) + 1024


@dataclass(frozen=True, slots=True)
class WithdrawItem:
    """One withdrawal to be agreed to."""

    number: str
    version: int
    request_id: str
    reason: str
    trace: str
    # Who withdraws it: a SignedAssertion.
    assertion: bytes = b""
    attempts: int = 0
    size: int = 1024


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agency's answer to a withdrawal: `objection` is the rule by which it refuses, empty where it agreed."""

    objection: str = ""


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """The agency refused one item of a batch, or answered it with what proves nothing. `transient`: try again."""

    reason: str
    transient: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers in the items' order, and how many seconds the agency says it worked (0: it does not say)."""

    answers: Sequence[Received | ItemRefused]
    work_seconds: float


# A place in an agency's log: (log, sequence).
Place = tuple[str, int]
# A stretch of such places: (log, first sequence, last sequence).
Stretch = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One decision in a feed, not yet verified: where it says it stands, and what the port needs to verify it."""

    place: Place
    signed: Any


@dataclass(frozen=True, slots=True)
class FeedPart:
    """What a feed brought at once. No entries is a sign of life."""

    entries: Sequence[FeedEntry]
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExitPart:
    """What left the port, and the place in its list after these. No exits is a sign of life."""

    exits: Sequence[Exit]
    position: int


class GatePort(Protocol):
    """The gate of the port. Raises CallFailed where it gave no answer of the contract."""

    def exits(self, position: int) -> AsyncGenerator[ExitPart, None]:
        """What left after this position, until the port ends the stream."""
        ...


@dataclass(frozen=True, slots=True)
class Booked:
    """A slot taken, or why there is none (a reason of the contract)."""

    appointment_id: str
    refusal: str = ""


class SlotPort(Protocol):
    """Slots at the port. Raises CallFailed where it gave no answer of the contract."""

    async def book(self, examination: Examination) -> Booked:
        """Takes the slot of a joint examination; the same one however often it is asked for."""
        ...

    async def cancel(self, examination: Examination) -> None:
        """Gives it back."""
        ...


class ExaminerPort(Protocol):
    """One agency that wants to open goods. Raises CallFailed where it gave no answer of the contract."""

    async def propose(self, agency: str, examination: Examination) -> bool | None:
        """Whether it accepts the appointment; None where it has no examination open any more."""
        ...


class AgencyPort(Protocol):
    """One agency. Every call raises CallFailed where the agency gave no answer of the contract."""

    async def assess(
        self, items: Sequence[AssessItem], recorded: Sequence[Stretch], budget_seconds: float, trace: str
    ) -> Reply:
        """Assesses 1 to 256 items; every decision in the reply is verified and belongs to its item.

        `recorded` is what its feed need not repeat, 64 stretches at most. `trace` is the context of the call itself,
        below which its RPC stands.
        """
        ...

    async def withdraw(self, item: WithdrawItem, budget_seconds: float) -> Agreement | ItemRefused:
        """Withdraws one consignment."""
        ...

    async def tell(self, agency: str, outcomes: Sequence[Outcome], budget_seconds: float) -> None:
        """Tells the agency of this name 1 to 256 outcomes."""
        ...

    async def call_off(self, agency: str, called_off: Sequence[CalledOff], budget_seconds: float) -> None:
        """Tells the agency of this name that 1 to 256 joint examinations will not take place."""
        ...

    async def assure(
        self, complete_time: Micros, receipted: Micros | None, budget_seconds: float
    ) -> Sequence[LogHead] | None:
        """Says that all outcomes recorded before this moment have been told, and by which keys orders are signed;
        `receipted` is the newest such moment that the agency receipted. POSITION_AHEAD where it does not know it.

        Returns where the agency's logs end, as it says; None where it is told no such word.
        """
        ...

    async def show(self, budget_seconds: float) -> None:
        """Asks for the newest order that it was told: this database may be an old backup (operations.old_copy)."""
        ...

    def follow(self, positions: Mapping[str, int]) -> AsyncGenerator[FeedPart, None]:
        """The agency's decisions after these positions, until the agency ends the stream."""
        ...

    def number(self, entry: FeedEntry) -> str:
        """Which case a feed entry says that it is about; nothing of it is verified."""
        ...

    def content(self, entry: FeedEntry) -> bytes:
        """A feed entry as bytes, to be kept."""
        ...

    def entry(self, content: bytes) -> FeedEntry:
        """The inverse of `content`."""
        ...

    async def verify(self, entries: Sequence[FeedEntry]) -> Sequence[Received | None]:
        """The decisions of feed entries, None for an entry that proves nothing although its agency is trusted.

        Raises CallFailed UNTRUSTED where the agency's own seal is not to be trusted.
        """
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """An order that is to be issued: number `case.order_number` of the case, over these decisions."""

    case: Case
    # domain.states.OrderKind
    kind: int
    decisions: Sequence[Decision]


class Met(NamedTuple):
    """What a party asked for, whom the gateway met by its certificate: about whom, and who is to act on it.

    `relayed_from` is the gateway of another district, which met the party and said so.
    """

    originator: str
    number: str
    version: int
    # SHA-256 of what was asked.
    digest: bytes
    # Identities.
    audiences: tuple[str, ...]
    relayed_from: str = ""
    withdrawal: bool = False


class Voucher(Protocol):
    """Writes and signs who asks. Pure work of the processor; runs inside the transaction that stores the intent."""

    def __call__(self, met: Sequence[Met], now: Micros) -> list[bytes]:
        """For each a SignedAssertion, in their order."""
        ...


class OrderMaker(Protocol):
    """Writes and signs orders. Pure work of the processor; runs inside the transaction that issues them."""

    def __call__(self, due: Sequence[Due], issue_time: Micros) -> list[tuple[bytes, bytes]]:
        """For each order its bytes and the signature over them, in their order."""
        ...


class Spans(Protocol):
    """Business spans. Contexts are W3C traceparents; times are nanoseconds since 1970."""

    def child(self, parent: str) -> str:
        """The context of a span below `parent`, recorded later; of a new trace's root where `parent` is empty."""
        ...

    def context(self, span: object) -> str:
        """The context of a span of the kit's own, such as an RPC's; empty where there is none."""
        ...

    def now(self) -> int:
        """The moment, for a span's begin or end."""
        ...

    def record(
        self,
        name: str,
        own: str,
        parent: str,
        begin: int,
        end: int,
        attributes: Mapping[str, Any],
        error: str = "",
        link: str | tuple[str, ...] = "",
    ) -> None:
        """Records a span. An empty `own` makes one up; an empty `parent` is a trace's root; `link` is another span, or
        several.
        """
        ...
