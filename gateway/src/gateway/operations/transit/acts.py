"""What people do to movements."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import GuaranteeNotConfirmed, NotFound, StateForbids
from gateway.domain.guarantee import STANDING, ReleaseState
from gateway.domain.quarantine import Kind
from gateway.domain.transit.change import Happening
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side, State
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.transit.carriage import Carried
from gateway.operations.transit.sheet import Sheet, load_sheet, new_movement
from gateway.operations.transit.uses import LEDGER, newest_use
from gateway.storage.movement_mail import requeue
from gateway.storage.movements import Key
from gateway.storage.purged import check_kept, of_movement
from gateway.storage.quarantine import take_up
from gateway.storage.requests import TRANSIT, Request, remember


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does. `said` carries his identity; `content` is what the request id stands for."""

    request_id: str
    key: Key
    said: Happening
    content: bytes
    # Name of the operation, for refusals.
    operation: str
    # Whose movement it must be; empty: anybody's.
    declarant: str = ""
    # Where it began, if who says so may have what arrives unannounced asked of it. And the trace that begins then.
    began: str = ""
    trace: str = ""
    # Who carries, where goods are to leave.
    carried: Carried | None = None

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        said = f"{self.operation}\n{self.key.mrn}\n".encode() + self.content
        return Request(self.said.by, TRANSIT, self.request_id, hashlib.sha256(said).digest(), self.key.mrn)


def act(connection: Connection, wanted: Act, context: Context) -> Movement:
    """The movement after it; of a replay as it stands.

    Raises RequestIdReused, NotFound, RecordPurged, StateForbids, GuaranteeNotConfirmed or CarrierNotRegistered, and
    then changes nothing.
    """
    key, event = wanted.key, wanted.said.event
    sheet = load_sheet(connection, [key])
    movement = sheet.now.get(key)
    if movement is None and event is Event.ARRIVE and wanted.began:
        check_kept(connection, of_movement(key.side, key.mrn))
        movement = new_movement(key, wanted.began, context.now, wanted.trace)
        sheet.enter(movement)
    if movement is None or (wanted.declarant and wanted.declarant != movement.declarant):
        raise NotFound("movement", key.mrn)
    if replayed(connection, wanted.request):
        return movement
    if event is Event.ARRIVE and not wanted.began and movement.state is not State.EXPECTED:
        raise StateForbids(movement.state.name, wanted.operation)
    met = sheet.happen(key, wanted.said)
    if met is not None:
        raise StateForbids(met.name, wanted.operation)
    if key.side is Side.DEPARTURE:
        _guard(connection, sheet, wanted)
    remember(connection, [wanted.request], context.now)
    sheet.write(connection, context)
    return sheet.now[key]


def _guard(connection: Connection, sheet: Sheet, wanted: Act) -> None:
    """Nothing leaves without a confirmed guarantee and a registered carrier.

    What was refused before the goods came is told now.
    """
    event, key = wanted.said.event, wanted.key
    if event not in (Event.RELEASE, Event.PRESENT):
        return
    use = newest_use(connection, key.mrn)
    state = use.state if use is not None else ReleaseState.REFUSED
    if event is Event.RELEASE and state is not ReleaseState.CONFIRMED:
        raise GuaranteeNotConfirmed(key.mrn, state.name)
    if event is Event.RELEASE:
        assert wanted.carried is not None  # Transits.act has asked
        wanted.carried.check()
    if event is Event.PRESENT and state not in STANDING:
        sheet.happen(key, Happening(Event.GUARANTEE_REFUSED, LEDGER, wanted.said.time))


def try_again(connection: Connection, key: Key, by: str, context: Context) -> None:
    """Letters about a movement that were set aside are due."""
    if key not in load_sheet(connection, [key]).now:
        raise NotFound("movement", key.mrn)
    requeue(connection, key.mrn, context.lease_now(connection))
    take_up(connection, key.mrn, [Kind.LETTER], by, "", context.now)
