"""Says what is to be said to one district about movements: at least once, in order for each movement.

Of each movement the first letter travels, many movements together. A district that is away holds up nobody else, and
loses nothing: its letters wait, whatever the time. A letter that cannot be worked on stops its own movement, is shown
there, and may be tried again by hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from agencykit.runtime import Clock, Randomness
from agencykit.storage import Database
from gateway.domain.breaker import Breaker, BreakerLimits
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Item, Kind, Poison, reason_of
from gateway.domain.transit.change import Change, Happening
from gateway.domain.transit.content import (
    ArrivalAdvice,
    ControlResults,
    InvalidationRequest,
    PassageOver,
    RecordRequest,
)
from gateway.domain.transit.destination import refused_there
from gateway.domain.transit.states import Event, Side, State
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed
from gateway.operations.quarantine import Aside, set_aside
from gateway.operations.sift import WHOLE, sift
from gateway.operations.transit.receive import DISTRICT, Outcome, Receipt
from gateway.operations.transit.sheet import Sheet, load_sheet
from gateway.storage.movement_mail import Posted, due_letters, put_off, receipted
from gateway.storage.movements import Key

DUTY = "movements"
BATCH = 256
# Of contents, in which a declaration stands as base 64: with one more of the largest it still is one message.
BATCH_CHARACTERS = 4 * 2**20
REST_SECONDS = 1.0
# A district that is away is asked again after at most so long.
LONGEST_SECONDS = 5.0
SECOND = 1_000_000
Answered = tuple[Posted, Receipt]
# It is gone, and what it was answered counts.
_TAKEN = (Outcome.APPLIED, Outcome.OUT_OF_SEQUENCE)
# Of a letter that another version of the gateway wrote.
UNREAD = Receipt(Outcome.SET_ASIDE, "UNREADABLE")


class MovementPort(Protocol):
    """The way to one district."""

    async def deliver(self, letters: Sequence[Posted]) -> Sequence[Receipt]:
        """One receipt for each, in their order. Raises CallFailed."""
        ...


@dataclass(slots=True)
class MovementCarrier:
    """One for each district, this one included: an office of departure may speak to one next door."""

    district: str
    port: MovementPort
    database: Database
    context: Callable[[], Context]
    duties: Duties
    clock: Clock
    randomness: Randomness
    log: Log
    aside: Aside
    # Called when something was receipted.
    on_change: list[Callable[[], None]] = field(default_factory=list)
    loop: Loop = field(init=False)
    # However much there is to say meanwhile, a district that is away is not asked more often.
    breaker: Breaker = field(default_factory=lambda: Breaker(BreakerLimits(failures=1, most_seconds=LONGEST_SECONDS)))

    def __post_init__(self) -> None:
        self.loop = Loop(f"{DUTY}:{self.district}", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        epoch = self.duties.held.get(DUTY)
        if epoch is None:
            return REST_SECONDS
        if not self.breaker.would_permit(self.clock.monotonic()):
            return self.breaker.retry_at - self.clock.monotonic()
        context = self.context()
        letters = await self.database.read(_due, self.district, context)
        if not letters:
            return REST_SECONDS
        try:
            receipts = iter(await self._deliver([each for each in letters if each.content is not None]))
            answered = [(each, UNREAD if each.content is None else next(receipts)) for each in letters]
        except CallFailed as failed:
            self.breaker.failed(self.clock.monotonic(), self.randomness.uniform(0, 1))
            self.log.warning("transit.put_off", district=self.district, count=len(letters), reason=failed.reason)
            return 0.0
        self.breaker.succeeded()
        try:
            await self._note(answered, epoch)
        except DutyLost:
            return REST_SECONDS
        for listener in self.on_change:
            listener()
        return 0.0

    async def _note(self, answered: Sequence[Answered], epoch: int) -> None:
        """A receipt that cannot be taken up counts as none, so that its letter is tried again a few times."""

        async def note(part: Sequence[Answered]) -> None:
            self.aside.tell(await self.duties.write(DUTY, epoch, note_receipts, part, self.context()))

        for (letter, _), error in await sift(answered, note):
            await note([(letter, Receipt(Outcome.SET_ASIDE, reason_of(error)))])

    async def _deliver(self, letters: Sequence[Posted]) -> list[Receipt]:
        """A call that is refused as a whole is tried by halves, so that one letter does not stop the others."""
        if not letters:
            return []
        try:
            return list(await self.port.deliver(letters))
        except WHOLE:
            raise
        except Exception as error:
            failed = error if isinstance(error, CallFailed) else None
            if failed is not None and not failed.item_suspected:
                raise
            if len(letters) == 1:
                return [Receipt(Outcome.SET_ASIDE, failed.reason if failed is not None else reason_of(error))]
        half = len(letters) // 2
        return [*await self._deliver(letters[:half]), *await self._deliver(letters[half:])]


def _due(connection: Connection, district: str, context: Context) -> list[Posted]:
    return due_letters(connection, district, context.lease_now(connection), BATCH, BATCH_CHARACTERS)


def note_receipts(connection: Connection, answered: Sequence[Answered], context: Context) -> list[Item]:
    """Records what has become of letters, and what that means to their movements. Returns those now set aside."""
    now = context.lease_now(connection)
    sheet = load_sheet(connection, [_key(letter) for letter, receipt in answered if receipt.outcome in _TAKEN])
    taken: list[Posted] = []
    again: list[tuple[Posted, str, Micros | None]] = []
    for letter, receipt in answered:
        if receipt.outcome in _TAKEN:
            taken.append(letter)
            _answered(sheet, letter, receipt, context.now)
        else:
            reason = receipt.state_met or f"{receipt.outcome.name} {receipt.next_sequence or ''}".strip()
            tries = letter.attempts + 1
            again.append((letter, reason, None if tries >= context.limits.refusals else now + tries * SECOND))
    receipted(connection, taken, now)
    put_off(connection, again)
    sheet.write(connection, context)
    return set_aside(connection, [_poison(letter, reason) for letter, reason, due in again if due is None], context)


def _poison(letter: Posted, reason: str) -> Poison:
    stream = letter.stream
    said = (stream.district, stream.mrn, f"{stream.side.name.lower()} {letter.sequence}", reason)
    return Poison(Kind.LETTER, *said, letter.attempts + 1, letter.trace, letter.text.encode())


def _answered(sheet: Sheet, letter: Posted, receipt: Receipt, now: Micros) -> None:
    """A receipt is an answer to some letters."""
    key, by = _key(letter), f"{DISTRICT}/{letter.stream.district}"
    refused = receipt.outcome is Outcome.OUT_OF_SEQUENCE
    if isinstance(letter.content, InvalidationRequest):
        event = Event.INVALIDATION_REFUSED if refused else Event.INVALIDATED
        sheet.happen(key, Happening(event, by, now))
    elif isinstance(letter.content, PassageOver) and letter.content.cancelled:
        # The first of two asks; what is said once it has ended, or goes on, has no answer.
        if sheet.now[key].state is State.CANCELLING:
            event = Event.HAS_PASSED if refused else Event.NOT_PASSED
            sheet.happen(key, Happening(event, by, now, sender=letter.stream.district))
    elif refused and isinstance(letter.content, (RecordRequest, ArrivalAdvice, ControlResults)):
        event = Event.RECORD_REFUSED if isinstance(letter.content, RecordRequest) else Event.FORWARDED
        said = Happening(event, by, now, text=receipt.state_met)
        change = refused_there(sheet.now[key], said)
        if isinstance(change, Change):
            sheet.turn(key, change, said)


def _key(letter: Posted) -> Key:
    """The view that speaks: the other side than the one that is spoken to."""
    speaks = Side.DESTINATION if letter.stream.side is Side.DEPARTURE else Side.DEPARTURE
    # Nothing that offices of transit say has an answer that changes anything: their view is not looked for.
    return Key(speaks, letter.stream.mrn)
