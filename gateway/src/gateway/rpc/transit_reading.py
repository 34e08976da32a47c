"""Requests about movements, read into values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agencykit.refusals import FormInvalid, GuaranteeTypeMismatch, NotFound, TooLarge, Violation
from agencykit.rpc.call import Call
from agencykit.runtime import Ids
from clearance.district.v1.movement_pb2 import TransitDeclaration
from clearance.gateway.v1 import transit_service_pb2 as pb
from gateway.domain.guarantee import GuaranteeRelease
from gateway.domain.home import Homes, ManyHomes
from gateway.domain.identifiers import Micros
from gateway.domain.transit.change import Destination, Happening
from gateway.domain.transit.content import (
    ArrivalAdvice,
    DepartureRecord,
    Incident,
    Passage,
    SealState,
    UnloadingRemarks,
)
from gateway.domain.transit.numbers import SERIAL_LENGTH, is_mrn, mrn
from gateway.domain.transit.offices import Offices
from gateway.domain.transit.states import Event, Side
from gateway.operations.ledger import Hold, Named
from gateway.operations.limits import Limits
from gateway.operations.ports import Spans
from gateway.operations.transit.acts import Act
from gateway.operations.transit.declare import Amended, Declared, Guaranteed
from gateway.rpc.movement_wire import read
from gateway.rpc.sight import confined_to
from gateway.rpc.times import micros
from gateway.storage.movements import Filter, Key

_DECISIONS = {
    pb.DecideDepartureRequest.DECISION_CONTROL: Event.CONTROL,
    pb.DecideDepartureRequest.DECISION_RELEASE: Event.RELEASE,
    pb.DecideDepartureRequest.DECISION_REFUSE: Event.REFUSE,
}
_STEPS = {
    pb.EnquireMovementRequest.STEP_OPEN: (Event.ENQUIRE, Side.DEPARTURE),
    pb.EnquireMovementRequest.STEP_ANSWER: (Event.ANSWER_ENQUIRY, Side.DESTINATION),
    pb.EnquireMovementRequest.STEP_RECOVER: (Event.RECOVER, Side.DEPARTURE),
}


@dataclass(frozen=True, slots=True)
class TransitReader:
    """Reads requests for one gateway. `year` is that of numbers, `now` the moment by the injected clock."""

    customs_district_code: str
    offices: Offices
    homes: Homes
    limits: Limits
    spans: Spans
    ids: Ids
    now: Callable[[], Micros]
    year: Callable[[], int]
    limit_days: float

    def declared(self, request: pb.DeclareMovementRequest, broker: str, call: Call) -> Declared:
        """A declaration with a number. Raises FormInvalid, NotFound (an office), TooLarge, GuaranteeTypeMismatch."""
        declaration = request.declaration
        violations = list(_faults(declaration, self.offices))
        if violations:
            raise FormInvalid(violations)
        content = declaration.SerializeToString(deterministic=True)
        if len(content) > self.limits.convoy_bytes:
            raise TooLarge(len(content), self.limits.convoy_bytes)
        grns, amount = tuple(each.grn for each in request.guarantees), declaration.guarantee_amount
        parent = request.trace.traceparent or self.spans.context(call.trace)
        return Declared(
            request_id=request.request_id,
            declarant=broker,
            mrn=mrn(self.year(), self.customs_district_code, self.ids.code(SERIAL_LENGTH)),
            lrn=declaration.lrn,
            pre_lodged=declaration.pre_lodged,
            destination=self.destination(declaration.destination_office_code),
            via=self._via(declaration.transit_office_codes),
            content=content,
            guaranteed=Guaranteed(grns, self._home(grns), amount.minor_units, amount.currency_code),
            trace=self.spans.child(parent),
            parent=parent,
        )

    def amended(self, request: pb.AmendGuaranteeRequest, broker: str) -> Amended:
        """Other guarantees."""
        grns = tuple(each.grn for each in request.guarantees)
        return Amended(request.request_id, broker, request.mrn, grns, self._home(grns))

    def destination(self, office_code: str) -> Destination:
        """An office with its district. Raises NotFound."""
        district = self.offices.district_of(office_code)
        if district is None:
            raise NotFound("office of a known district", office_code)
        return Destination(district, office_code)

    def passage(self, request: pb.ReportPassageRequest, call: Call) -> Act:
        """Goods that pass an office of this district. Raises FormInvalid or NotFound."""
        if self.destination(request.office_code).district != self.offices.own:
            raise FormInvalid([Violation("office_code", "is no office of this district", "passage.office")])
        time = micros(request.passage_time) if request.HasField("passage_time") else self.now()
        passed = Passage(request.office_code, time, SealState(request.seal_state))
        return self.act(request, call, request.mrn, Event.PASS, side=Side.TRANSIT, passage=passed)

    def _via(self, office_codes: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Those of known districts; nobody could be told of others."""
        found = [(self.offices.district_of(office), office) for office in dict.fromkeys(office_codes)]
        return tuple((district, office) for district, office in found if district is not None)

    def arrival(self, request: pb.ArriveMovementRequest, call: Call) -> Act:
        """Goods that are at an office of this district. Raises FormInvalid or NotFound."""
        if self.destination(request.office_code).district != self.offices.own:
            raise FormInvalid([Violation("office_code", "is no office of this district", "arrival.office")])
        if not is_mrn(request.mrn):
            raise FormInvalid([Violation("mrn", "has a wrong check digit", "mrn.check_digit")])
        time = micros(request.arrival_time) if request.HasField("arrival_time") else self.now()
        seals = SealState(request.seal_state)
        said = Happening(
            Event.ARRIVE, str(call.identity), self.now(), arrival=ArrivalAdvice(request.office_code, time, seals)
        )
        # Goods that nobody announced are asked for on an officer's word: the request alone sends them elsewhere.
        announced_only = bool(confined_to(call))
        began = "" if announced_only else self.offices.district_of_number(request.mrn) or ""
        return Act(
            request_id=request.request_id,
            key=Key(Side.DESTINATION, request.mrn),
            said=said,
            content=_content(request),
            operation="ArriveMovement",
            began=began,
            trace=self.spans.child(self.spans.context(call.trace)),
        )

    def act(
        self,
        request: Any,
        call: Call,
        mrn: str,
        event: Event,
        *,
        side: Side = Side.DEPARTURE,
        declarant: str = "",
        **said: Any,
    ) -> Act:
        """What somebody does, with what the event needs (fields of Happening)."""
        happening = Happening(event, str(call.identity), self.now(), **said)
        operation = call.method.rpartition("/")[2]
        return Act(request.request_id, Key(side, mrn), happening, _content(request), operation, declarant)

    def _home(self, grns: tuple[str, ...]) -> str:
        try:
            return self.homes.of(grns)
        except ManyHomes as error:
            wrong = f"{error.home} keeps it, and {error.first} another that is named; name those of one district"
            raise GuaranteeTypeMismatch(error.grn, wrong) from None


def _faults(declaration: TransitDeclaration, offices: Offices) -> list[Violation]:
    """What form alone cannot say."""
    found = []
    if offices.district_of(declaration.departure_office_code) != offices.own:
        text = "is no office of this district; declare where the goods depart"
        found.append(Violation("declaration.departure_office_code", text, "transit.departure"))
    if offices.district_of(declaration.destination_office_code) is None:
        text = "is an office of no known district"
        found.append(Violation("declaration.destination_office_code", text, "transit.destination"))
    if declaration.guarantee_amount.minor_units <= 0:
        text = "must be the highest duty that may fall due, and more than nothing"
        found.append(Violation("declaration.guarantee_amount", text, "transit.amount"))
    if not declaration.holder.identifier:
        text = "must name the holder of the procedure, whose guarantees stand for it"
        found.append(Violation("declaration.holder.identifier", text, "transit.holder"))
    numbers = [item.number for item in declaration.items]
    if len(set(numbers)) < len(numbers):
        found.append(Violation("declaration.items", "item numbers must be unique", "transit.item_numbers"))
    return found


def departure_of(
    request: pb.DecideDepartureRequest, _officer: str, reader: TransitReader
) -> tuple[Event, DepartureRecord | None]:
    """The event, and for a release its record. Raises FormInvalid."""
    event = _DECISIONS[request.decision]
    if event is Event.REFUSE and not request.reason:
        raise FormInvalid([Violation("reason", "say why it is not released", "departure.reason")])
    if event is not Event.RELEASE:
        return event, None
    if not request.HasField("release"):
        raise FormInvalid([Violation("release", "a release needs its terms", "departure.release_terms")])
    terms, now = request.release, reader.now()
    limit = micros(terms.limit_time) if terms.HasField("limit_time") else now + int(reader.limit_days * 86_400e6)
    if limit <= now:
        raise FormInvalid([Violation("release.limit_time", "must be in the future", "departure.limit_time")])
    return event, DepartureRecord(now, limit, tuple(terms.seal_numbers), terms.control_result_code)


def remarks_of(request: pb.RecordUnloadingRequest) -> tuple[Event, UnloadingRemarks]:
    """The event, and what was found. Raises FormInvalid."""
    remarks = read(UnloadingRemarks, request.remarks)
    if remarks.conform is bool(remarks.discrepancies):
        text = "what conforms has no discrepancies, and what does not has one at least"
        raise FormInvalid([Violation("remarks.conform", text, "remarks.conform")])
    return (Event.REPORT_CONFORM if remarks.conform else Event.REPORT_DISCREPANT), remarks


def incident_of(request: pb.ReportIncidentRequest) -> tuple[Event, Incident | None]:
    """The event, and the incident; none: what was reported is settled."""
    if not request.HasField("incident"):
        return Event.SETTLE_INCIDENT, None
    return Event.INCIDENT, read(Incident, request.incident)


def enquiry_of(request: pb.EnquireMovementRequest) -> tuple[Event, Side]:
    """The event, and at which side."""
    return _STEPS[request.step]


def listing_of(request: pb.ListMovementsRequest, declarant: str) -> Filter:
    """Which are listed."""
    states = tuple(int(state) for state in request.states)
    return Filter(declarant, states, int(request.side), request.other_district, request.overdue, None)


def hold_of(declaration_bytes: bytes, named: Sequence[Named], use: GuaranteeRelease) -> Hold:
    """What is to be held for a movement, on the guarantees of its holder."""
    declaration = TransitDeclaration.FromString(declaration_bytes)
    commodities = tuple(dict.fromkeys(item.commodity_code for item in declaration.items if item.commodity_code))
    return Hold(use, named, declaration.holder.identifier, declaration.departure_office_code, commodities)


def _content(request: Any) -> bytes:
    """What a request id stands for: all of the request but the id."""
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("request_id")
    content: bytes = copy.SerializeToString(deterministic=True)
    return content
