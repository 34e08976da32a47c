"""The facts a profile lodges with a declaration, as far as they follow from the declaration and the profile."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from google.protobuf.message import Message

from clearance.border.v1.conveyance_service_pb2 import Announcement, CrewList, EntryFormalities, Inspection, Permit
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.customs.v1.register_service_pb2 import Broker, Enterprise
from clearance.port.v1.manifest_service_pb2 import Arrival, Manifest, Place
from tongguan.convert.profile import FACTS, Profile
from tongguan.convert.report import Note, Report
from tongguan.convert.supply import port_of

_PRESENTED_BEFORE = timedelta(hours=6)  # exports come to the terminal before they are declared


class Missing(Exception):
    """A fact cannot be stated without inventing what the text names."""


def facts_of(
    profile: Profile, consignment: Consignment, report: Report, as_of: datetime
) -> Iterator[tuple[str, Message]]:
    """(kind, fact) of every fact that can be stated; what cannot is noted as withheld."""
    stated = _Stated(profile, consignment, as_of.astimezone(UTC))
    for kind in FACTS:
        if kind in profile.facts and stated.applies(kind):
            try:
                made = stated.facts(kind)
            except Missing as missing:
                report.withheld.append(Note(kind, str(missing)))
            else:
                report.facts[kind] += len(made)
                yield from ((kind, fact) for fact in made)


class _Stated:
    """Facts about one consignment."""

    def __init__(self, profile: Profile, consignment: Consignment, as_of: datetime) -> None:
        self._profile = profile
        self._consignment = consignment
        self._as_of = as_of
        self._port = port_of(profile, consignment)

    def applies(self, kind: str) -> bool:
        """Whether there is anything to state: no enterprise without the profile's, no arrival of goods on their way, no
        inspection and no entry of a conveyance that only leaves."""
        consignment = self._consignment
        if kind == "enterprise":
            enterprise = self._profile.enterprise
            return consignment.trader.identifier in (enterprise.number, *enterprise.numbers.values())
        if kind in ("inspection", "entry_formalities") and consignment.direction == Consignment.DIRECTION_EXPORT:
            return False
        if kind in ("inspection", "entry_formalities", "arrival", "place"):
            return consignment.declaration_type in self._profile.arrived
        return True

    def facts(self, kind: str) -> list[Message]:
        """The facts of this kind, mostly one; raises Missing."""
        if kind == "place":
            return self._places()
        makers: dict[str, Callable[[], Message]] = {
            "broker": self._broker,
            "enterprise": self._enterprise,
            "announcement": self._announcement,
            "crew_list": self._crew_list,
            "permit": self._permit,
            "inspection": self._inspection,
            "entry_formalities": self._entry,
            "manifest": self._manifest,
            "arrival": self._arrival,
        }
        return [makers[kind]()]

    def _broker(self) -> Message:
        return Broker(licence=self._profile.broker_licence, name=self._profile.broker_name)

    def _enterprise(self) -> Message:
        enterprise = self._profile.enterprise
        number = self._consignment.trader.identifier
        return Enterprise(
            identifier=number,
            name=enterprise.name if number == enterprise.number else "",
            enterprise_class=enterprise.enterprise_class,
        )

    def _announcement(self) -> Message:
        border, exported = self._call(), self._consignment.direction == Consignment.DIRECTION_EXPORT
        name: Literal["loading_time", "arrival_time"] = "loading_time" if exported else "arrival_time"
        if not self._consignment.HasField(name):
            raise Missing(f"{name} is not known")
        expected = getattr(self._consignment, name).ToDatetime(UTC)
        conveyance = self._profile.conveyances.get(border.mode)
        named = conveyance is not None and conveyance.identification == border.identification
        announcement = Announcement(
            identification=border.identification,
            voyage_number=border.voyage_number,
            mode=border.mode,
            movement=self._movement(),
            nationality_code=border.nationality_code,
            port_code=self._consignment.port_code,
            name=conveyance.name if conveyance is not None and named else "",
        )
        announcement.expected_time.FromDatetime(expected)
        announcement.announce_time.FromDatetime(expected - self._profile.announced_ahead)
        return announcement

    def _crew_list(self) -> Message:
        border = self._call()
        if not self._profile.crew:
            raise Missing("the profile names no crew")
        crew_list = CrewList(identification=border.identification, voyage_number=border.voyage_number)
        for member in self._profile.crew:
            crew_list.members.add(**member)
        crew_list.lodge_time.FromDatetime(self._as_of - self._profile.announced_ahead)
        return crew_list

    def _permit(self) -> Message:
        border = self._call()
        permit = Permit(identification=border.identification, voyage_number=border.voyage_number)
        permit.movement = self._movement()
        permit.grant_time.FromDatetime(self._as_of)
        return permit

    def _inspection(self) -> Message:
        """The conveyance was inspected when it came."""
        border = self._call()
        inspection = Inspection(identification=border.identification, voyage_number=border.voyage_number, passed=True)
        inspection.movement = Announcement.MOVEMENT_ARRIVAL
        inspection.inspect_time.FromDatetime(self._arrived())
        return inspection

    def _entry(self) -> Message:
        """The conveyance came, and completed its formalities then."""
        border = self._call()
        entry = EntryFormalities(identification=border.identification, voyage_number=border.voyage_number)
        entry.arrive_time.FromDatetime(self._arrived())
        entry.complete_time.CopyFrom(entry.arrive_time)
        return entry

    def _movement(self) -> "Announcement.Movement.ValueType":
        exported = self._consignment.direction == Consignment.DIRECTION_EXPORT
        return Announcement.MOVEMENT_DEPARTURE if exported else Announcement.MOVEMENT_ARRIVAL

    def _manifest(self) -> Message:
        """The carrier's manifest as it would be if the declaration were right; its own figures, none added."""
        consignment = self._consignment
        packages, mass = _packages(consignment), _mass(consignment)
        if packages is None or mass is None:
            raise Missing(f"the declaration states no {'packages' if packages is None else 'gross mass'}")
        return Manifest(
            transport_document_number=self._document(),
            conveyance_identification=consignment.border_transport.identification,
            voyage_number=consignment.border_transport.voyage_number,
            packages=packages,
            gross_mass_kg=mass,
            container_numbers=[container.number for container in consignment.containers],
            port_code=consignment.port_code,
        )

    def _arrival(self) -> Message:
        arrival = Arrival(transport_document_number=self._document(), terminal_code=self._port.terminal_code)
        arrival.arrive_time.FromDatetime(self._arrived())
        return arrival

    def _places(self) -> list[Message]:
        """One for each container; of loose goods one for the document."""
        if not self._port.place_code:
            raise Missing("the profile names no place for the mode of transport")
        document, code = self._document(), self._port.place_code
        boxes = [container.number for container in self._consignment.containers] or [""]
        places = [Place(transport_document_number=document, container_number=box, place_code=code) for box in boxes]
        for place in places:
            place.assign_time.FromDatetime(self._arrived())
        return list[Message](places)

    def _arrived(self) -> datetime:
        """Imports came with their conveyance; never later than now."""
        if self._consignment.HasField("arrival_time"):
            return min(self._consignment.arrival_time.ToDatetime(UTC), self._as_of)
        return self._as_of - _PRESENTED_BEFORE

    def _call(self) -> TransportMeans:
        border = self._consignment.border_transport
        if not border.identification or not border.mode:
            raise Missing("the conveyance at the border, or its mode, is not named")
        return border

    def _document(self) -> str:
        if not self._consignment.transport_document_number:
            raise Missing("the consignment has no transport document")
        return self._consignment.transport_document_number


def _packages(consignment: Consignment) -> int | None:
    """Packages as declared in total, else of all items if each states them."""
    if consignment.HasField("total_packages"):
        return consignment.total_packages
    counted = [package.count for item in consignment.items for package in item.packages if package.HasField("count")]
    stated = all(item.packages and all(p.HasField("count") for p in item.packages) for item in consignment.items)
    return sum(counted) if stated else None


def _mass(consignment: Consignment) -> float | None:
    """Gross mass as declared in total, else of all items if each states it."""
    if consignment.HasField("total_gross_mass_kg"):
        return consignment.total_gross_mass_kg
    stated = all(item.HasField("gross_mass_kg") for item in consignment.items)
    return sum(item.gross_mass_kg for item in consignment.items) if stated else None
