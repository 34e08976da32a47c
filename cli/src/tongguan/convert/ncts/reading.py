"""Values of a message to a declaration. What does not fit its field stays out; what must be there is a fault."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from clearance.common.v1.party_pb2 import Party
from clearance.common.v1.transport_pb2 import Container
from clearance.district.v1.movement_pb2 import TransitDeclaration
from tongguan.convert.ncts.fields import (
    DOCUMENT,
    ITEM,
    MEANS,
    MODES,
    MOVEMENT,
    PACKAGING,
    PARTIES,
    PARTY,
    house_item,
)
from tongguan.convert.ncts.guarantees import Cover, read_cover
from tongguan.convert.ncts.profile import NctsProfile
from tongguan.convert.ncts.values import Values, places
from tongguan.convert.writer import decimal
from tongguan.form import fault, limit

Faults = dict[str, str]
"""Path → why its value, or its lack, forbids a movement."""
ITEM_LIMIT = 999
_OFFICE = re.compile("[0-9A-Z]{1,8}")
_NUMBERS = {FieldDescriptor.CPPTYPE_INT32: int, FieldDescriptor.CPPTYPE_DOUBLE: float}


class Reader:
    """One message being read."""

    def __init__(self, values: Values, profile: NctsProfile) -> None:
        self._values = values
        self._places = places(values)
        self._profile = profile
        self.faults: Faults = {}
        self.declaration = TransitDeclaration()
        self.cover = Cover()
        self.placed: dict[int, tuple[int, int]] = {}
        """Number of an item → (house consignment, place in it)."""

    def read(self) -> None:
        """Fills declaration, cover and faults."""
        made = self.declaration
        self._fields(made, "", MOVEMENT)
        if not made.lrn:
            self._fault("TransitOperation/LRN")
        self._mode()
        self._offices()
        for path, name in PARTIES.items():
            if any(value.startswith(path) for value in self._values):
                self._party(getattr(made, name), path)
        if not made.holder.identifier:
            made.holder.identifier = self._profile.holder
        if not made.holder.identifier:  # his guarantees are found by it
            self._fault("HolderOfTheTransitProcedure/identificationNumber")
        self.cover = read_cover(self._values, self._places, self._profile, self.faults)
        made.guarantee_amount.CopyFrom(self.cover.amount)
        self._transport()
        self._documents(made, "Consignment/")
        self._items()
        self._containers()

    def _mode(self) -> None:
        made = self.declaration
        made.pre_lodged = self._values.get("TransitOperation/additionalDeclarationType", "").strip() == "D"
        made.binding_itinerary = self._values.get("TransitOperation/bindingItinerary", "").strip() in ("1", "true")
        made.mode = TransitDeclaration.MODE_DECLARE_FIRST if made.pre_lodged else self._profile.mode
        made.mode_code = self._profile.mode_code

    def _offices(self) -> None:
        made = self.declaration
        departure, destination = "CustomsOfficeOfDeparture", "CustomsOfficeOfDestinationDeclared"
        made.departure_office_code = self._office(f"{departure}/referenceNumber")
        made.destination_office_code = self._office(f"{destination}/referenceNumber")
        offices = [self._office(f"{path}referenceNumber") for path in self._all("CustomsOfficeOfTransitDeclared")]
        made.transit_office_codes.extend(filter(None, offices))

    def _office(self, path: str) -> str:
        """Our code of an office; a fault where the profile knows none."""
        code = self._values.get(path, "").strip()
        if not code:
            self._fault(path)
        elif not self._profile.office(code):
            named = f"office {code}" if _OFFICE.fullmatch(code) else "the office"
            self.faults[path] = f"{named} is not among the profile's [offices]"
        return self._profile.office(code)

    def _party(self, party: Party, path: str) -> None:
        number = self._values.get(f"{path}identificationNumber", "")
        self._put(party, "identifier", self._profile.parties.get(number.strip(), number))
        self._fields(party, path, PARTY)
        lines = [self._values.get(f"{path}Address/{name}", "") for name in ("streetAndNumber", "postcode", "city")]
        for line in lines if lines[1] else [line for line in (lines[0], lines[2]) if line]:
            self._put(party, "address_lines", line, empty=True)

    def _transport(self) -> None:
        made = self.declaration
        if mode := MODES.get(self._values.get("Consignment/inlandModeOfTransport", "").strip()):
            made.transport.mode = mode
        self._fields(made.transport, "Consignment/DepartureTransportMeans[1]/", MEANS)
        if not made.transport.ByteSize():
            made.ClearField("transport")
        for path in self._all("Consignment/CountryOfRoutingOfConsignment"):
            self._put(made, "itinerary_country_codes", self._values.get(f"{path}country", ""))

    def _items(self) -> None:
        for house in range(1, self._places["Consignment/HouseConsignment"] + 1):
            for place in range(1, self._places[f"Consignment/HouseConsignment[{house}]/ConsignmentItem"] + 1):
                self._item(house, place)
        if not self.placed and not self.faults:
            self._fault("Consignment/HouseConsignment[1]/ConsignmentItem[1]")

    def _item(self, house: int, place: int) -> None:
        path = house_item(house, place)
        text = self._values.get(f"{path}declarationGoodsItemNumber", "").strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= ITEM_LIMIT) or int(text) in self.placed:
            self.faults[f"{path}declarationGoodsItemNumber"] = f"it is no number from 1 to {ITEM_LIMIT} of its own"
            return
        item = self.declaration.items.add(number=int(text))
        self.placed[item.number] = (house, place)
        self._fields(item, path, ITEM)
        code = f"{path}Commodity/CommodityCode/"
        parts = (f"{code}harmonizedSystemSubHeadingCode", f"{code}combinedNomenclatureCode")
        self._put(item, "commodity_code", "".join(self._values.get(part, "").strip() for part in parts))
        for each in self._all(f"{path}Commodity/DangerousGoods"):
            self._put(item, "dangerous_goods_codes", self._values.get(f"{each}UNNumber", ""))
        for each in self._added(item, "packages", f"{path}Packaging"):
            self._fields(item.packages[-1], each, PACKAGING)
        self._documents(item, path)
        for each in self._all(f"{path}AdditionalInformation"):
            self._put(item, "statement_codes", self._values.get(f"{each}code", ""))

    def _documents(self, message: Any, path: str) -> None:
        for each in self._added(message, "previous_documents", f"{path}PreviousDocument"):
            self._fields(message.previous_documents[-1], each, DOCUMENT)
        for name in ("SupportingDocument", "TransportDocument"):
            for each in self._added(message, "documents", path + name):
                self._fields(message.documents[-1], each, DOCUMENT)

    def _containers(self) -> None:
        """Equipment without a container's number has no place among containers."""
        made = self.declaration
        items = {item.number: item for item in made.items}
        for path in self._all("Consignment/TransportEquipment"):
            number = self._values.get(f"{path}containerIdentificationNumber", "").strip()
            full = len(made.containers) >= limit(_field(made, "containers"))
            if not number or full or fault(Container.DESCRIPTOR.fields_by_name["number"], number):
                continue
            container = made.containers.add(number=number)
            for seal in self._all(f"{path}Seal"):
                self._put(container, "seal_numbers", self._values.get(f"{seal}identifier", ""))
            for held in self._all(f"{path}GoodsReference"):
                text = self._values.get(f"{held}declarationGoodsItemNumber", "").strip()
                if text.isascii() and text.isdigit() and (item := items.get(int(text))):
                    self._put(item, "container_numbers", number)

    def _all(self, path: str) -> Iterator[str]:
        """Every place of a repeated element, with a slash behind it."""
        return (f"{path}[{place}]/" for place in range(1, self._places[path] + 1))

    def _added(self, message: Any, name: str, path: str) -> Iterator[str]:
        """The same, and for each a new element of a repeated field, as long as it takes any."""
        elements = getattr(message, name)
        for each in self._all(path):
            if len(elements) < limit(_field(message, name)):
                elements.add()
                yield each

    def _fields(self, message: Any, path: str, table: Mapping[str, str]) -> None:
        for element, name in table.items():
            self._put(message, name, self._values.get(path + element, ""))

    def _put(self, message: Any, name: str, text: str, empty: bool = False) -> None:
        """Puts a value into a field whose form it fits, without space around it if only so."""
        field = _field(message, name)
        for value in (text, text.strip()) if text or empty else ():
            fitting: str | int | float | None = value
            if kind := _NUMBERS.get(field.cpp_type):
                fitting = _number(value, kind)
            if fitting is None or fault(field, fitting):
                continue
            if not field.is_repeated:
                setattr(message, name, fitting)
            elif len(getattr(message, name)) < limit(field):
                getattr(message, name).append(fitting)
            return

    def _fault(self, path: str) -> None:
        unfit = self._values.get(path)
        self.faults[path] = "it does not fit a declaration's form" if unfit else "it is missing"


def _field(message: Any, name: str) -> FieldDescriptor:
    field: FieldDescriptor = message.DESCRIPTOR.fields_by_name[name]
    return field


def _number(text: str, kind: type[int] | type[float]) -> int | float | None:
    exact = decimal(text)
    if exact is None or (kind is int and exact != exact.to_integral_value()):
        return None
    return kind(Decimal(exact))
