"""A movement as one side sees it."""

from dataclasses import dataclass, replace

from gateway.domain.identifiers import Micros
from gateway.domain.transit.content import ArrivalAdvice, DepartureRecord, MovementRecord, Passage, UnloadingRemarks
from gateway.domain.transit.states import ENDED, Side, State


@dataclass(frozen=True, slots=True)
class Movement:
    """At a destination what the departure has not yet told is empty or None."""

    side: Side
    mrn: str
    state: State
    # District of the other side: at the departure the one where it is to arrive now.
    other: str
    # Office where it is to arrive.
    office_code: str
    lrn: str
    # Identity of who declared it; empty at a destination.
    declarant: str
    # The declaration as bytes, and its SHA-256.
    declaration: bytes
    digest: bytes
    # Context of the span below which its trace stands, in both districts.
    trace: str
    create_time: Micros
    update_time: Micros
    departure: DepartureRecord | None = None
    arrival: ArrivalAdvice | None = None
    remarks: UnloadingRemarks | None = None
    # Districts that were told of it before `other` was.
    former: tuple[str, ...] = ()
    # (district, office) of transit; at offices of transit their own, without the district.
    via: tuple[tuple[str, str], ...] = ()
    # Those that it has passed, as that became known.
    passages: tuple[Passage, ...] = ()
    # Why the departure wants to have it invalidated, and which of the districts of offices of transit have not said yet
    # that nothing passed.
    reason: str = ""
    asked: tuple[str, ...] = ()
    # `other` has said that the goods are there; else it was only sent there.
    found: bool = False
    # Two districts say that they have the goods.
    conflict: bool = False
    fraud_suspected: bool = False
    # When the present wait began: an enquiry, a status request, an arrival without results.
    wait_time: Micros | None = None
    due_time: Micros | None = None
    etag: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.state in ENDED

    @property
    def record(self) -> MovementRecord:
        """What a destination must know; only of one that was released."""
        if self.departure is None:
            raise ValueError(f"{self.mrn} was not released")
        return MovementRecord(self.declaration, self.digest, self.departure, self.office_code)

    @property
    def via_districts(self) -> tuple[str, ...]:
        """Districts of offices of transit, each once."""
        return tuple(dict.fromkeys(district for district, _office in self.via))

    def via_of(self, district: str) -> tuple[str, ...]:
        """Offices of transit of one district."""
        return tuple(office for each, office in self.via if each == district)

    def changed(self, **fields: object) -> "Movement":
        """With other fields."""
        return replace(self, **fields)  # type: ignore[arg-type]  # names of its own fields
