"""What departure and destination say to each other: the messages of clearance.district.v1, field by field.

Times are microseconds since 1970. Which side a message is for follows from its kind.
"""

from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.identifiers import Micros
from gateway.domain.transit.states import Side


class SealState(IntEnum):
    """Numbers are the contract's."""

    INTACT = 1
    BROKEN = 2
    NONE = 3


class IncidentKind(IntEnum):
    """NCTS codes; numbers are the contract's."""

    ITINERARY = 1
    SEALS = 2
    TRANSHIPMENT = 3
    DANGER = 4
    UNIT = 5
    OTHER = 6


class DiscrepancyKind(IntEnum):
    """Numbers are the contract's."""

    MISSING = 1
    EXCESS = 2
    OTHER_GOODS = 3
    SEALS = 4
    OTHER = 5


@dataclass(frozen=True, slots=True)
class DepartureRecord:
    """What is recorded at release (029)."""

    release_time: Micros
    limit_time: Micros
    seal_numbers: tuple[str, ...]
    control_result_code: str


@dataclass(frozen=True, slots=True)
class MovementRecord:
    """A movement as its destination must know it. `declaration`: bytes as the departure office holds them."""

    declaration: bytes
    declaration_digest: bytes
    departure: DepartureRecord
    destination_office_code: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One point in which what arrived is not what was declared; item 0: the whole."""

    item_number: int
    kind: DiscrepancyKind
    text: str


@dataclass(frozen=True, slots=True)
class UnloadingRemarks:
    """What the destination found (044)."""

    conform: bool
    seal_state: SealState
    unload_time: Micros
    discrepancies: tuple[Discrepancy, ...]


@dataclass(frozen=True, slots=True)
class Transport:
    """Means of transport; `mode` is the contract's number."""

    mode: int
    identification: str
    voyage_number: str
    nationality_code: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened on the way."""

    kind: IncidentKind
    incident_time: Micros
    place: str
    text: str
    transport: Transport | None = None
    container_number: str = ""
    seal_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnticipatedArrival:
    """001."""

    record: MovementRecord


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """002."""

    office_code: str
    arrival_time: Micros


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """003."""

    record: MovementRecord


@dataclass(frozen=True, slots=True)
class ArrivalAdvice:
    """006."""

    office_code: str
    arrival_time: Micros
    seal_state: SealState


@dataclass(frozen=True, slots=True)
class ForwardedArrival:
    """024."""

    district: str
    office_code: str
    found: bool


@dataclass(frozen=True, slots=True)
class ControlResults:
    """018."""

    remarks: UnloadingRemarks


@dataclass(frozen=True, slots=True)
class InvalidationRequest:
    """010."""

    reason: str


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """094."""

    arrived: bool


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """095."""

    state: str


@dataclass(frozen=True, slots=True)
class Enquiry:
    """142."""

    text: str
    fraud_suspected: bool


@dataclass(frozen=True, slots=True)
class EnquiryAnswer:
    """143."""

    text: str


@dataclass(frozen=True, slots=True)
class RecoveryNotice:
    """150."""

    begin_time: Micros


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """180, to the departure."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class IncidentNotice:
    """182, to the destination."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class Discharge:
    """045."""

    discharge_time: Micros


@dataclass(frozen=True, slots=True)
class AnticipatedPassage:
    """050."""

    record: MovementRecord
    office_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """118."""

    office_code: str
    passage_time: Micros
    seal_state: SealState


@dataclass(frozen=True, slots=True)
class Passages:
    """Those of one movement, in the order in which they became known."""

    all: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class PassageOver:
    """To offices of transit, after 045; or for 010: first to ask, and the receipt is the answer, then once it is so."""

    cancelled: bool


TO_DEPARTURE = (RecordRequest, ArrivalAdvice, ControlResults, StatusAnswer, EnquiryAnswer, IncidentReport, Passage)
TO_DESTINATION = (
    *(AnticipatedArrival, RecordAnswer, ForwardedArrival, InvalidationRequest, StatusRequest),
    *(Enquiry, RecoveryNotice, IncidentNotice, Discharge),
)
TO_TRANSIT = (AnticipatedPassage, PassageOver)
Content = (
    RecordRequest
    | ArrivalAdvice
    | ControlResults
    | StatusAnswer
    | EnquiryAnswer
    | IncidentReport
    | AnticipatedArrival
    | RecordAnswer
    | ForwardedArrival
    | InvalidationRequest
    | StatusRequest
    | Enquiry
    | RecoveryNotice
    | IncidentNotice
    | Discharge
    | AnticipatedPassage
    | Passage
    | PassageOver
)
# By name, as they are stored.
KINDS: dict[str, type[Content]] = {each.__name__: each for each in (*TO_DEPARTURE, *TO_DESTINATION, *TO_TRANSIT)}


def spoken_to(content: Content) -> Side:
    """The side that a message is for."""
    if isinstance(content, TO_TRANSIT):
        return Side.TRANSIT
    return Side.DEPARTURE if isinstance(content, TO_DEPARTURE) else Side.DESTINATION
