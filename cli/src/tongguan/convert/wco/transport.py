"""Means of transport, containers with their seals, and where the goods lie."""

from decimal import Decimal

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from tongguan.convert.ledger import Node
from tongguan.convert.report import Note
from tongguan.convert.times import put_time
from tongguan.convert.writer import Writer, decimal

# UN/ECE Recommendation 19 in its first digit; 6 (multimodal) and 9 (unknown) name no mode.
_MODES = {str(number): number for number in TransportMeans.Mode.values() if number}
# IdentificationTypeCode: 10 IMO number, 11 name of a ship, 40 flight number, 41 registration of an aircraft.
_AT_THE_BORDER = {
    TransportMeans.MODE_SEA: ("10", "11"),
    TransportMeans.MODE_AIR: ("40", "41"),
}


def put_transport(declaration: Node, consignment: Writer) -> None:
    """Writes the means at the border and inland, containers, transport document, location and times."""
    place = declaration.at("GoodsShipment/Consignment")
    exported = consignment.message.direction == Consignment.DIRECTION_EXPORT
    border = declaration.at("BorderTransportMeans")
    inland = place.at("DepartureTransportMeans" if exported else "ArrivalTransportMeans")
    _put_means(border, consignment.inside("border_transport"))
    _put_means(inland, consignment.inside("inland_transport"))
    _name_the_border_means(inland, consignment)
    for node in (border.at("ArrivalDateTime"), inland.at("ArrivalDateTime")):
        if node and not exported and not consignment.message.HasField("arrival_time"):
            put_time(consignment, "arrival_time", node.at("DateTimeString") or node)
    for equipment in place.all("TransportEquipment"):
        _put_container(equipment, consignment)
    document = place.at("TransportContractDocument/ID") or declaration.at("Consignment/TransportContractDocument/ID")
    consignment.code("transport_document_number", document)
    _put_port(place.at("LoadingLocation/ID" if exported else "UnloadingLocation/ID"), consignment)
    _put_location(place.at("GoodsLocation"), consignment)


def _put_means(means: Node, writer: Writer) -> None:
    mode = means.at("ModeCode")
    if mode.text in _MODES:
        writer.message.mode = _MODES[mode.text]
        mode.carry(writer.path("mode"))
    else:
        mode.leave("it names no mode of transport of the contract")
    writer.code("identification", means.at("ID") or means.at("Name"))
    writer.code("voyage_number", means.at("JourneyID"))
    writer.code("nationality_code", means.at("RegistrationNationalityCode"))


def _name_the_border_means(inland: Node, consignment: Writer) -> None:
    """Goods that arrive on a ship or aircraft named as such crossed the border on it, if that is the border's mode."""
    border = consignment.message.border_transport
    kind = inland.at("IdentificationTypeCode").text
    if not border.identification and kind in _AT_THE_BORDER.get(border.mode, ()):
        name = consignment.message.inland_transport.identification
        if name:
            border.identification = name
            inland.at("IdentificationTypeCode").carry("border_transport.identification")
            note = f"{name}, because the goods arrive on or depart with this {'ship' if kind < '40' else 'aircraft'}"
            consignment.report.assumed.append(Note("border_transport.identification", note, inland.at("ID").path))


def _put_container(equipment: Node, consignment: Writer) -> None:
    if not equipment.at("ID").text:
        return
    container = put_container_number(equipment.at("ID"), consignment)
    if container is None:
        return
    put_position(equipment.at("SequenceNumeric"), container)
    for seal in equipment.all("Seal"):
        if container.code("seal_numbers", seal.at("ID")) and decimal(seal.at("SequenceNumeric").text) == len(
            container.message.seal_numbers
        ):
            seal.at("SequenceNumeric").carry(container.path(f"seal_numbers[{len(container.message.seal_numbers) - 1}]"))


def put_container_number(number: Node, consignment: Writer) -> Writer | None:
    """The container of that number, added to the consignment where it is not there yet; None where it cannot be."""
    for index, known in enumerate(consignment.message.containers):
        if known.number == number.text:
            container = Writer(known, consignment.report, f"containers[{index}]")
            number.carry(container.path("number"))
            return container
    container_or_none = consignment.add("containers")
    if container_or_none is None:
        number.leave("the submission holds no more containers")
    elif not container_or_none.code("number", number):
        del consignment.message.containers[-1]
        return None
    return container_or_none


def put_position(sequence: Node, writer: Writer) -> None:
    """A sequence number is carried by the order itself where it says the same."""
    if writer.where.endswith(f"[{_ordinal(sequence) - 1}]"):
        sequence.carry(writer.where)
    else:
        sequence.leave("the order in the submission is another")


def _ordinal(node: Node) -> int:
    number = decimal(node.text)
    return int(number) if number is not None and abs(number) < Decimal(10**9) else -1


def put_container_flag(declaration: Node, consignment: Writer) -> None:
    """ContainerCode says whether there are containers; they say so themselves, those of the items too."""
    flag = declaration.at("GoodsShipment/Consignment/ContainerCode")
    if {"1": True, "true": True, "0": False, "false": False}.get(flag.text) == bool(consignment.message.containers):
        flag.carry("containers")
    else:
        flag.leave("the containers named say otherwise")


def _put_port(location: Node, consignment: Writer) -> None:
    if location.text.startswith("CN"):
        consignment.code("port_code", location)
    else:
        location.leave("it is no port of this country")


def _put_location(location: Node, consignment: Writer) -> None:
    """Country, type, qualifier and identifier, joined as data element 5/23 writes them (`GBAUBELBELBEL`).

    Where that is too long the identifier stands alone.
    """
    address = location.at("Address")
    parts = (
        address.at("CountryCode"),
        location.at("TypeCode"),
        address.at("TypeCode"),
        location.at("Name") or location.at("ID"),
    )
    if parts[-1].text and not consignment.code("goods_location_code", *parts):
        consignment.code("goods_location_code", parts[-1])
