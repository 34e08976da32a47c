"""A declaration as the values of a message."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message

from clearance.common.v1.goods_pb2 import Document, GoodsItem
from clearance.common.v1.party_pb2 import Party
from clearance.district.v1.movement_pb2 import TransitDeclaration
from tongguan.convert.ncts.fields import (
    DOCUMENT,
    HEADING_DIGITS,
    ITEM,
    MEANS,
    MOVEMENT,
    PACKAGING,
    PARTIES,
    PARTY,
    TRANSPORT_DOCUMENTS,
    house_item,
)
from tongguan.convert.ncts.sequence import PHASE
from tongguan.convert.ncts.values import Values
from tongguan.report.names import decimal_amount

Place = tuple[int, int]
_Value = tuple[str, str]


def written(declaration: TransitDeclaration, grns: Sequence[str], placed: Mapping[int, Place]) -> Values:
    """Everything that fields say. `placed`: number of an item → (house consignment, place in it); else in the first."""
    return dict(_all(declaration, grns, placed))


def _all(declaration: TransitDeclaration, grns: Sequence[str], placed: Mapping[int, Place]) -> Iterator[_Value]:
    yield "@PhaseID", PHASE
    yield from _fields(declaration, "", MOVEMENT)
    yield "TransitOperation/additionalDeclarationType", "D" if declaration.pre_lodged else "A"
    yield "TransitOperation/bindingItinerary", str(int(declaration.binding_itinerary))
    yield from _offices(declaration)
    for path, name in PARTIES.items():
        yield from _party(path, getattr(declaration, name))
    yield from _guarantees(declaration, grns)
    yield from _transport(declaration)
    yield from _documents("Consignment/", declaration.documents, declaration.previous_documents)
    for index, item in enumerate(declaration.items, 1):
        house, place = placed.get(item.number, (1, index))
        yield f"Consignment/HouseConsignment[{house}]/sequenceNumber", str(house)
        yield house_item(house, place) + "goodsItemNumber", str(place)
        yield from _item(house_item(house, place), item)


def _offices(declaration: TransitDeclaration) -> Iterator[_Value]:
    yield "CustomsOfficeOfDeparture/referenceNumber", declaration.departure_office_code
    yield "CustomsOfficeOfDestinationDeclared/referenceNumber", declaration.destination_office_code
    yield from _numbered("CustomsOfficeOfTransitDeclared", "referenceNumber", declaration.transit_office_codes)


def _party(path: str, party: Party) -> Iterator[_Value]:
    if party.identifier:
        yield f"{path}identificationNumber", party.identifier
    yield from _fields(party, path, PARTY)
    names = {1: ("streetAndNumber",), 2: ("streetAndNumber", "city")}
    for name, line in zip(
        names.get(len(party.address_lines), ("streetAndNumber", "postcode", "city")), party.address_lines, strict=False
    ):
        if line:
            yield f"{path}Address/{name}", line


def _guarantees(declaration: TransitDeclaration, grns: Sequence[str]) -> Iterator[_Value]:
    for place, grn in enumerate(grns, 1):
        path = f"Guarantee[1]/GuaranteeReference[{place}]/"
        yield "Guarantee[1]/sequenceNumber", "1"
        yield f"{path}sequenceNumber", str(place)
        yield f"{path}GRN", grn
        if len(grns) == 1:
            money = declaration.guarantee_amount
            yield f"{path}amountToBeCovered", _number(decimal_amount(money.minor_units, money.currency_code))
            yield f"{path}currency", money.currency_code


def _transport(declaration: TransitDeclaration) -> Iterator[_Value]:
    transport = declaration.transport
    if transport.mode:
        yield "Consignment/inlandModeOfTransport", str(transport.mode)
    if transport.identification or transport.nationality_code:
        yield "Consignment/DepartureTransportMeans[1]/sequenceNumber", "1"
        yield from _fields(transport, "Consignment/DepartureTransportMeans[1]/", MEANS)
    yield from _numbered("Consignment/CountryOfRoutingOfConsignment", "country", declaration.itinerary_country_codes)
    for place, container in enumerate(declaration.containers, 1):
        path = f"Consignment/TransportEquipment[{place}]"
        held = [item.number for item in declaration.items if container.number in item.container_numbers]
        yield f"{path}/sequenceNumber", str(place)
        yield f"{path}/containerIdentificationNumber", container.number
        yield f"{path}/numberOfSeals", str(len(container.seal_numbers))
        yield from _numbered(f"{path}/Seal", "identifier", container.seal_numbers)
        yield from _numbered(f"{path}/GoodsReference", "declarationGoodsItemNumber", map(str, held))


def _item(path: str, item: GoodsItem) -> Iterator[_Value]:
    yield f"{path}declarationGoodsItemNumber", str(item.number)
    yield from _fields(item, path, ITEM)
    code = item.commodity_code
    for name, part in (
        ("harmonizedSystemSubHeadingCode", code[:HEADING_DIGITS]),
        ("combinedNomenclatureCode", code[HEADING_DIGITS:]),
    ):
        if part:
            yield f"{path}Commodity/CommodityCode/{name}", part
    yield from _numbered(f"{path}Commodity/DangerousGoods", "UNNumber", item.dangerous_goods_codes)
    for place, packages in enumerate(item.packages, 1):
        yield f"{path}Packaging[{place}]/sequenceNumber", str(place)
        yield from _fields(packages, f"{path}Packaging[{place}]/", PACKAGING)
    yield from _documents(path, item.documents, item.previous_documents)
    yield from _numbered(f"{path}AdditionalInformation", "code", item.statement_codes)


def _documents(path: str, documents: Iterable[Document], previous: Iterable[Document]) -> Iterator[_Value]:
    kinds: dict[str, list[Document]] = {"PreviousDocument": list(previous)}
    for document in documents:
        transport = document.type_code in TRANSPORT_DOCUMENTS
        kinds.setdefault("TransportDocument" if transport else "SupportingDocument", []).append(document)
    for name, found in kinds.items():
        for place, document in enumerate(found, 1):
            yield f"{path}{name}[{place}]/sequenceNumber", str(place)
            yield from _fields(document, f"{path}{name}[{place}]/", DOCUMENT)


def _numbered(path: str, name: str, values: Iterable[str]) -> Iterator[_Value]:
    for place, value in enumerate(values, 1):
        yield f"{path}[{place}]/sequenceNumber", str(place)
        yield f"{path}[{place}]/{name}", value


def _fields(message: Message, path: str, table: Mapping[str, str]) -> Iterator[_Value]:
    """Fields that are set."""
    for element, name in table.items():
        field: Any = message.DESCRIPTOR.fields_by_name[name]
        value = getattr(message, name)
        if message.HasField(name) if field.has_presence else value:
            yield path + element, value if isinstance(value, str) else _number(Decimal(repr(value)))


def _number(number: Decimal) -> str:
    """Without an exponent, and without zeros at the end of a fraction."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
