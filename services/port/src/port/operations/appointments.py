"""Room is booked, moved and given back: each a transaction that holds the resources it touches.

    state       move             cancel
    BOOKED      → BOOKED         → CANCELLED
    CANCELLED   StateForbids     stays

What has begun can neither be moved nor cancelled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.lookups import known_requests
from agencykit.decisions.requests import Claim, claim_request, remember_requests
from agencykit.refusals import NotFound, RecordPurged, Refusal, RequestIdReused, SlotFull, SlotInvalid, StateForbids
from agencykit.storage.times import from_micros
from port.domain.capacity import CALENDAR_END, Kind, Resource, Taken, Wish, booked, no_room, slot_of, what_is_wrong
from port.storage import appointments as store
from port.storage.appointments import BOOKED, CANCELLED, Appointment
from port.storage.notices import hauliers_of
from port.storage.places import in_use

RESOURCE = "appointment"
Resources = Mapping[str, Resource]


@dataclass(frozen=True, slots=True)
class Party:
    """Who acts. A terminal acts on its own resources only, a haulier at gates for goods he may fetch."""

    identity: str
    terminal: str = ""
    haulier: str = ""
    operator: bool = False

    def may_use(self, resource: Resource) -> bool:
        """Whether such a resource is his to book."""
        if self.terminal:
            return resource.terminal == self.terminal
        return not self.haulier or resource.kind is Kind.GATE


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking. Numbers are folded; `new_id` is the appointment's if there comes to be one."""

    claim: Claim
    resource: str
    wish: Wish
    document: str
    container: str
    conveyance: str
    new_id: str


@dataclass(frozen=True, slots=True)
class Room:
    """So many slots of a resource: (begin, units taken) of each. `in_use` are the places of a yard taken up now."""

    resource: Resource
    slots: Sequence[tuple[int, int]]
    in_use: int


def room(
    connection: Connection, resources: Resources, party: Party, code: str, start: int, count: int, now: int
) -> Room:
    """The room of a resource; NotFound where it is not the caller's to see."""
    resource = _resource(resources, party, code)
    wish = Wish(slot_of(resource, start), count, 0)
    units = _taken(connection, {resource: [wish]}, now)[code]
    used = in_use(connection, code) if resource.kind is Kind.YARD else 0
    slots = [begin for begin in wish.slots_of(resource) if begin + resource.slot <= CALENDAR_END]
    return Room(resource, [(begin, units[begin]) for begin in slots], used)


def _taken(
    connection: Connection, wishes: Mapping[Resource, Sequence[Wish]], now: int, without: str = ""
) -> dict[str, Counter[int]]:
    """Units taken in each slot that is wished for: booked, and of a yard what stands there now, from now on."""
    windows = {
        resource: (min(wish.start for wish in wanted), max(wish.end(resource) for wish in wanted))
        for resource, wanted in wishes.items()
    }
    units = store.booked_at(connection, windows, without)
    for resource, wanted in wishes.items():
        if resource.kind is Kind.YARD:
            there, present = in_use(connection, resource.code), slot_of(resource, now)
            for begin in {begin for wish in wanted for begin in wish.slots_of(resource)}:
                units[resource.code][begin] += there if begin >= present else 0
    return units


def book(
    connection: Connection, resources: Resources, party: Party, bookings: Sequence[Booking], now: int
) -> list[Appointment | Refusal]:
    """Books what there is room for; the answers in the bookings' order, each seeing those before it."""
    known = [resources[each.resource] for each in bookings if each.resource in resources]
    store.lock_resources(connection, {resource.code for resource in known})
    ids = [each.claim.request_id for each in bookings]
    seen, standing = known_requests(connection, RESOURCE, ids), store.by_request(connection, ids)
    units = _taken(connection, _wishes(resources, bookings, now), now)
    hauliers = hauliers_of(connection, {each.document for each in bookings}) if party.haulier else {}
    answers: list[Appointment | Refusal] = []
    added: list[tuple[Claim, Appointment]] = []
    for one in bookings:
        key = (one.claim.scope, one.claim.request_id)
        if key in seen:
            answers.append(_replayed(one.claim, seen[key][0], standing.get(key)))
            continue
        answer = _book(resources, party, one, units, hauliers, now)
        if isinstance(answer, Appointment):
            seen[key], standing[key] = (one.claim.digest, "", 0), answer
            added.append((one.claim, answer))
        answers.append(answer)
    store.add_appointments(connection, [made for _, made in added])
    remember_requests(connection, [claim for claim, _ in added], now)
    return answers


def _replayed(claim: Claim, digest: bytes, standing: Appointment | None) -> Appointment | Refusal:
    if claim.digest != digest:
        return RequestIdReused(claim.request_id)
    return standing or RecordPurged("appointment", claim.request_id)


def _wishes(resources: Resources, bookings: Sequence[Booking], now: int) -> dict[Resource, list[Wish]]:
    """What is wanted of each resource at times that can be booked; whatever lies between far ones is not looked at."""
    wishes: dict[Resource, list[Wish]] = {}
    for one in bookings:
        resource = resources.get(one.resource)
        if resource is not None and not what_is_wrong(resource, one.wish, now):
            wishes.setdefault(resource, []).append(one.wish)
    return wishes


def _book(
    resources: Resources,
    party: Party,
    one: Booking,
    units: Mapping[str, Counter[int]],
    hauliers: Mapping[str, str],
    now: int,
) -> Appointment | Refusal:
    try:
        resource = _resource(resources, party, one.resource)
        _fetched_by(party, one.document, hauliers)
        _room(resource, units.get(resource.code, Counter()), one.wish, now)
    except Refusal as refusal:
        return refusal
    end = one.wish.end(resource)
    units[resource.code] += booked(resource, [Taken(one.wish.start, end, one.wish.units)])
    goods = (one.document, one.container, one.conveyance)
    span, claim = (one.wish.start, end, one.wish.units), one.claim
    return Appointment(one.new_id, resource.code, *span, *goods, claim.scope, BOOKED, claim.request_id, now, now)


def _resource(resources: Resources, party: Party, code: str) -> Resource:
    resource = resources.get(code)
    if resource is None or not party.may_use(resource):
        raise NotFound("resource", code)
    return resource


def _fetched_by(party: Party, document: str, hauliers: Mapping[str, str]) -> None:
    if party.haulier and hauliers.get(document) != party.haulier:
        raise NotFound("delivery order", document)


def _room(resource: Resource, units: Mapping[int, int], wish: Wish, now: int) -> None:
    if wrong := what_is_wrong(resource, wish, now):
        raise SlotInvalid(resource.code, from_micros(wish.start).isoformat(), wrong)
    full = no_room(resource, units, wish)
    if full is not None:
        raise SlotFull(resource.code, from_micros(full.start).isoformat(), full.free, wish.units)


def move(
    connection: Connection, resources: Resources, party: Party, claim: Claim, id_: str, code: str, start: int, now: int
) -> Appointment:
    """Moves it, or refuses and leaves it where it is; a replay answers it as it stands."""
    replayed = not claim_request(connection, claim, now)
    found = _own(connection, party, id_)
    if replayed:
        return found
    resource = _resource(resources, party, code or found.resource)
    _fetched_by(party, found.document, hauliers_of(connection, [found.document]) if party.haulier else {})
    store.lock_resources(connection, {found.resource, resource.code})
    found = _own(connection, party, id_)
    _not_begun(found, "move", now)
    if found.state != BOOKED:
        raise StateForbids("CANCELLED", "move")
    length = found.end_time - found.start_time
    wish = Wish(start, max(-(-length // resource.slot), 1), found.units)
    others = _taken(connection, {resource: [wish]}, now, without=id_)[resource.code]
    _room(resource, others, wish, now)
    moved = found._replace(resource=resource.code, start_time=start, end_time=wish.end(resource), update_time=now)
    return _changed(connection, moved, "move", claim)


def seen(
    connection: Connection, resources: Resources, party: Party, code: str, after: int, last_id: str, size: int
) -> list[Appointment]:
    """A page of what the party may see: an operator all, a terminal whoever comes to its resources, others their own.

    By identifier after `last_id`; an empty code means every resource, `after` is the least end.
    """
    if not party.terminal:
        holder = "" if party.operator else party.identity
        return store.page(connection, holder, [code] if code else [], after, last_id, size)
    own = [each.code for each in resources.values() if each.terminal == party.terminal and code in ("", each.code)]
    return store.page(connection, "", own, after, last_id, size) if own else []


def cancel(connection: Connection, party: Party, claim: Claim, id_: str, now: int) -> Appointment:
    """Gives the room back; again, nothing happens."""
    replayed = not claim_request(connection, claim, now)
    found = _own(connection, party, id_)
    if replayed or found.state == CANCELLED:
        return found
    _not_begun(found, "cancel", now)
    return _changed(connection, found._replace(state=CANCELLED, update_time=now), "cancel", claim)


def _own(connection: Connection, party: Party, id_: str) -> Appointment:
    found = store.one_appointment(connection, id_)
    if found is None or not (party.operator or found.holder == party.identity):
        raise NotFound("appointment", id_)
    return found


def _not_begun(found: Appointment, operation: str, now: int) -> None:
    if found.state == BOOKED and found.start_time <= now:
        raise StateForbids("BEGUN", operation)


def _changed(connection: Connection, changed: Appointment, act: str, claim: Claim) -> Appointment:
    store.change_appointment(connection, changed)
    details = {"appointment_id": changed.id, "request_id": claim.request_id}
    write_audit(connection, [AuditEntry(changed.update_time, claim.scope, f"appointment_{act}", "", details)])
    return changed
