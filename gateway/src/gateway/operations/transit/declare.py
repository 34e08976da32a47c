"""A new movement, and another guarantee for one."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound, ReferenceReused, StateForbids
from gateway.domain.guarantee import STANDING, GuaranteeRelease, ReleaseState, Terms
from gateway.domain.transit.change import Destination, Happening
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side, State
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.transit.carriage import Carried
from gateway.operations.transit.sheet import Sheet, load_sheet, new_movement
from gateway.operations.transit.uses import newest_use
from gateway.storage.guarantees import insert_releases
from gateway.storage.movements import Key, keys_by_reference, load_movements
from gateway.storage.purged import check_kept, of_lrn
from gateway.storage.requests import TRANSIT, Request, remember
from gateway.storage.tables import movement_guarantees


@dataclass(frozen=True, slots=True)
class Guaranteed:
    """The guarantees named for a movement, and how much they are to stand for. Codes are no part of it."""

    grns: tuple[str, ...]
    home: str
    units: int
    currency_code: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration. `mrn` is the number it gets if it is new; `trace` the context below which its trace stands."""

    request_id: str
    declarant: str
    mrn: str
    lrn: str
    pre_lodged: bool
    destination: Destination
    # (district, office) of transit, of known districts.
    via: tuple[tuple[str, str], ...]
    # The declaration as bytes.
    content: bytes
    guaranteed: Guaranteed
    trace: str
    # Context above it; empty where it is a root.
    parent: str = ""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the declaration."""
        return hashlib.sha256(self.content).digest()

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        said = self.digest + "\n".join(self.guaranteed.grns).encode()
        return Request(self.declarant, TRANSIT, self.request_id, hashlib.sha256(said).digest(), self.mrn)


@dataclass(frozen=True, slots=True)
class Amended:
    """Other guarantees for a movement."""

    request_id: str
    declarant: str
    mrn: str
    grns: tuple[str, ...]
    home: str

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        said = "\n".join(("amend", self.mrn, *self.grns)).encode()
        return Request(self.declarant, TRANSIT, self.request_id, hashlib.sha256(said).digest(), self.mrn)


def declare(connection: Connection, declared: Declared, carried: Carried, context: Context) -> Movement:
    """The movement, stored with the use that is to be held for it; of a replay as it stands.

    The LRN of one declarant names one movement. Raises RequestIdReused, ReferenceReused for another content,
    RecordPurged or CarrierNotRegistered.
    """
    replayed(connection, declared.request)
    reference = (declared.declarant, declared.lrn)
    known = keys_by_reference(connection, [reference]).get(reference)
    if known is not None:
        movement = load_movements(connection, [known])[known]
        if movement.digest != declared.digest:
            raise ReferenceReused(declared.lrn, movement.mrn)
        return movement
    check_kept(connection, of_lrn(declared.declarant, declared.lrn))
    carried.check()
    sheet, key, now = load_sheet(connection, []), Key(Side.DEPARTURE, declared.mrn), context.now
    made = new_movement(key, declared.destination.district, now, declared.trace)
    sheet.enter(
        made.changed(
            office_code=declared.destination.office_code,
            via=declared.via,
            lrn=declared.lrn,
            declarant=declared.declarant,
            declaration=declared.content,
            digest=declared.digest,
        )
    )
    sheet.happen(key, Happening(Event.DECLARE, declared.declarant, now))
    if not declared.pre_lodged:
        sheet.happen(key, Happening(Event.PRESENT, declared.declarant, now))
    use = _made(connection, sheet.now[key], declared.guaranteed, declared.request_id, 1, context)
    _store(connection, sheet, use, declared.request, context)
    return sheet.now[key]


def amend(connection: Connection, amended: Amended, context: Context) -> Movement:
    """The movement, with another use that is to be held. Raises RequestIdReused, NotFound or StateForbids."""
    key = Key(Side.DEPARTURE, amended.mrn)
    sheet = load_sheet(connection, [key])
    movement = sheet.now.get(key)
    if movement is None or movement.declarant != amended.declarant:
        raise NotFound("movement", amended.mrn)
    if replayed(connection, amended.request):
        return movement
    last = newest_use(connection, amended.mrn)
    assert last is not None  # every departure has one from its declaration on
    said = Happening(Event.AMEND_GUARANTEE, amended.declarant, context.now)
    if last.state in STANDING or (met := sheet.happen(key, said)) is not None:
        state = last.state.name if last.state in STANDING else State(met or 0).name
        raise StateForbids(state, "AmendGuarantee")
    guaranteed = Guaranteed(amended.grns, amended.home, last.terms.units, last.terms.currency_code)
    use = _made(connection, movement, guaranteed, amended.request_id, last.generation + 1, context)
    _store(connection, sheet, use, amended.request, context)
    return sheet.now[key]


def _made(
    connection: Connection,
    movement: Movement,
    guaranteed: Guaranteed,
    request_id: str,
    generation: int,
    context: Context,
) -> GuaranteeRelease:
    return GuaranteeRelease(
        number=movement.mrn,
        generation=generation,
        state=ReleaseState.ASKED,
        terms=Terms((), guaranteed.units, guaranteed.currency_code),
        grns=guaranteed.grns,
        home=guaranteed.home,
        broker=movement.declarant,
        request_id=request_id,
        request_time=context.now,
        due_time=context.lease_end(connection),
    )


def _store(connection: Connection, sheet: Sheet, use: GuaranteeRelease, request: Request, context: Context) -> None:
    remember(connection, [request], context.now)
    insert_releases(connection, [use], movement_guarantees)
    sheet.write(connection, context)
