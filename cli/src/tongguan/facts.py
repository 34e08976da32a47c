"""Kinds of lines a file may hold, and which service of which agency takes each: the one table.

A file is JSON Lines. A line is an object with one key, its kind: `{"submission": …}` or `{"manifest": …}` and so on;
the value is the canonical protobuf JSON of the kind's message. Facts are lodged in batches through the agency's own
service.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from clearance.border.v1 import conveyance_service_pb2 as border
from clearance.customs.v1 import guarantee_register_service_pb2 as guarantees
from clearance.customs.v1 import payment_service_pb2 as payment
from clearance.customs.v1 import register_service_pb2 as customs
from clearance.gateway.v1 import clearance_service_pb2 as gateway
from clearance.gateway.v1 import transit_service_pb2 as transit
from clearance.inspection.v1 import certificate_service_pb2 as inspection
from clearance.port.v1 import manifest_service_pb2 as port
from tongguan.plain import escaped

SUBMISSION = "submission"
MOVEMENT = "movement"
GUARANTEE = "guarantee"
CARRIER = "carrier"
BATCH_LIMIT = 256  # the contract's max_items of every batch of facts


class LineRefused(ValueError):
    """A line of a file is not one of the kinds; the text says what is wrong with it, without its content."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """Where facts of one kind go: agency's role name, method as `/package.Service/Method`, and the messages."""

    name: str
    agency: str
    method: str
    message: type[Message]
    request: type[Message]
    response: type[Message]
    items_field: str  # of the request and of the response

    @property
    def service(self) -> str:
        """Full name of the service."""
        return self.method.split("/")[1]

    def batch(self, request_id: str, facts: Sequence[Message]) -> Message:
        """A request that lodges up to `BATCH_LIMIT` facts."""
        return self.request(request_id=request_id, **{self.items_field: facts})


_REGISTER, _CERTIFICATES = "clearance.customs.v1.RegisterService", "clearance.inspection.v1.CertificateService"
_CONVEYANCES, _MANIFESTS = "clearance.border.v1.ConveyanceService", "clearance.port.v1.ManifestService"
_PAYMENTS = "clearance.customs.v1.PaymentService"
_MODULES = {
    _REGISTER: customs,
    _PAYMENTS: payment,
    _CERTIFICATES: inspection,
    _CONVEYANCES: border,
    _MANIFESTS: port,
}


def _kind(name: str, agency: str, service: str, verb: str, noun: str, items_field: str) -> FactKind:
    """`noun` is the message, `verb` and the plural of the items field make the method (`LodgeCrewLists`)."""
    module = _MODULES[service]
    return FactKind(
        name,
        agency,
        f"/{service}/{verb}",
        getattr(module, noun),
        getattr(module, f"{verb}Request"),
        getattr(module, f"{verb}Response"),
        items_field,
    )


# In the order in which they are best lodged: registers, conveyances, goods, payments.
FACT_KINDS: Mapping[str, FactKind] = {
    kind.name: kind
    for kind in (
        _kind("broker", "customs", _REGISTER, "RegisterBrokers", "Broker", "brokers"),
        _kind("enterprise", "customs", _REGISTER, "RegisterEnterprises", "Enterprise", "enterprises"),
        _kind("licence", "customs", _REGISTER, "RegisterLicences", "Licence", "licences"),
        _kind(CARRIER, "customs", _REGISTER, "RegisterCarriers", "Carrier", "carriers"),
        _kind("producer", "inspection", _CERTIFICATES, "RegisterProducers", "Producer", "producers"),
        _kind("exemption", "inspection", _CERTIFICATES, "RegisterExemptions", "Exemption", "exemptions"),
        _kind("certificate", "inspection", _CERTIFICATES, "LodgeCertificates", "Certificate", "certificates"),
        _kind("recall", "inspection", _CERTIFICATES, "RegisterRecalls", "Recall", "recalls"),
        _kind("announcement", "border", _CONVEYANCES, "AnnounceConveyances", "Announcement", "announcements"),
        _kind("crew_list", "border", _CONVEYANCES, "LodgeCrewLists", "CrewList", "crew_lists"),
        _kind("passenger_list", "border", _CONVEYANCES, "LodgePassengerLists", "PassengerList", "passenger_lists"),
        _kind("permit", "border", _CONVEYANCES, "GrantPermits", "Permit", "permits"),
        _kind("inspection", "border", _CONVEYANCES, "RecordInspections", "Inspection", "inspections"),
        _kind(
            "entry_formalities",
            "border",
            _CONVEYANCES,
            "RecordEntryFormalities",
            "EntryFormalities",
            "entry_formalities",
        ),
        _kind("departure", "border", _CONVEYANCES, "RecordDepartures", "Departure", "departures"),
        _kind("watch_entry", "border", _CONVEYANCES, "EnterWatchList", "WatchEntry", "watch_entries"),
        _kind("manifest", "port", _MANIFESTS, "LodgeManifests", "Manifest", "manifests"),
        _kind("arrival", "port", _MANIFESTS, "ReportArrivals", "Arrival", "arrivals"),
        _kind("tally", "port", _MANIFESTS, "ReportTallies", "Tally", "tallies"),
        _kind("place", "port", _MANIFESTS, "AssignPlaces", "Place", "places"),
        _kind("hold", "port", _MANIFESTS, "PlaceHolds", "Hold", "holds"),
        _kind("delivery_order", "port", _MANIFESTS, "LodgeDeliveryOrders", "DeliveryOrder", "delivery_orders"),
        _kind("payment", "customs", _PAYMENTS, "RecordPayments", "Payment", "payments"),
    )
}

MESSAGES: Mapping[str, type[Message]] = {
    SUBMISSION: gateway.SubmitClearanceRequest,
    **{name: kind.message for name, kind in FACT_KINDS.items()},
}

# `tongguan transit declare` takes these, and nothing else does.
TRANSIT_MESSAGES: Mapping[str, type[Message]] = {
    GUARANTEE: guarantees.GuaranteeEntry,
    CARRIER: customs.Carrier,
    MOVEMENT: transit.DeclareMovementRequest,
}


def to_line(kind: str, message: Message) -> dict[str, Any]:
    """The object of one line: `{kind: canonical protobuf JSON}`."""
    return {kind: json_format.MessageToDict(message)}


def dump_line(line: Mapping[str, Any]) -> str:
    """One line of a file, without its newline; what a terminal would obey is escaped."""
    return escaped(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def parse_line(text: str | bytes, messages: Mapping[str, type[Message]] = MESSAGES) -> tuple[str, Message]:
    """Kind and message of one line; raises LineRefused."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LineRefused(f"not JSON: {error}") from error
    if not isinstance(line, dict) or len(line) != 1:
        raise LineRefused(f"a line is an object with one key, one of: {', '.join(messages)}")
    [(kind, value)] = line.items()
    if kind not in messages:
        raise LineRefused(f"unknown kind of line {kind[:40]!r}; known are: {', '.join(messages)}")
    try:
        return kind, json_format.ParseDict(value, messages[kind]())
    except (json_format.ParseError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise LineRefused(f"not a {kind}: {error}") from error
