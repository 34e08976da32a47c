"""Goods items: codes, masses, values, packages, procedures."""

from collections.abc import Sequence
from decimal import Decimal

from tongguan.convert.ledger import Node
from tongguan.convert.report import Note
from tongguan.convert.wco.documents import put_documents, put_previous_documents
from tongguan.convert.wco.transport import put_container_number, put_position
from tongguan.convert.writer import Writer, decimal

_ITEMS_MOST = 999
# Classification/IdentificationTypeCode (UN/EDIFACT 7143): what the commodity code begins with, best first; TRC is the
# TARIC part that follows a Combined Nomenclature code (TSP). Others (TRA, GN additional codes, CV CUS code) are not it.
_COMMODITY_CODES = ("TSP", "HS", "CN", "")
_TARIC = "TRC"
# What stands for the price where there is none, best first.
_OTHER_VALUES = (("StatisticalValueAmount", "statistical value"), ("CustomsValueAmount", "value for customs"))
_KILOGRAMS = {
    "": Decimal(1),
    "KGM": Decimal(1),
    "GRM": Decimal("0.001"),
    "TNE": Decimal(1000),
    "DTN": Decimal(100),
    "LBR": Decimal("0.45359237"),
}


def put_items(shipment: Node, consignment: Writer) -> None:
    """Writes the items. The caller has seen to it that there are 1 to 999."""
    taken: set[int] = set()
    for node in shipment.all("GovernmentAgencyGoodsItem"):
        item = consignment.add("items")
        if item is not None:
            _put_number(node.at("SequenceNumeric"), item, taken)
            _put_item(node, item, consignment)


def put_mass(name: str, node: Node, writer: Writer) -> bool:
    """Writes a mass in kilograms; other known units are converted, which is noted."""
    unit = node.attribute("unitCode")
    factor = _KILOGRAMS.get(unit)
    if factor is None:
        node.leave("its unit is not one of mass")
        return False
    if not writer.number(name, node, factor):
        return False
    node.carry(writer.path(name), "unitCode")
    if factor != 1:
        writer.report.altered.append(Note(writer.path(name), f"converted from {unit} to kilograms", node.path))
    return True


def _put_number(sequence: Node, item: Writer, taken: set[int]) -> None:
    """The item's own number where it is one and free, else the lowest that is."""
    declared = decimal(sequence.text)
    number = int(declared) if declared is not None and declared in range(1, _ITEMS_MOST + 1) else 0
    if number and number not in taken:
        sequence.carry(item.path("number"))
    else:
        number = next(free for free in range(1, _ITEMS_MOST + 1) if free not in taken)
        note = f"{number}, because SequenceNumeric is missing, taken, or not 1 to {_ITEMS_MOST}"
        item.report.assumed.append(Note(item.path("number"), note, sequence.path))
        sequence.leave("it is taken, or not 1 to 999")
    taken.add(number)
    item.message.number = number


def _put_item(node: Node, item: Writer, consignment: Writer) -> None:
    commodity = node.at("Commodity")
    _put_code(commodity.all("Classification"), item)
    item.text("description", commodity.at("Description"))
    _put_origin(node.all("Origin"), item)
    measure = commodity.at("GoodsMeasure")
    net = measure.at("NetNetWeightMeasure") or measure.at("NetWeightMeasure")
    for name, mass in (("gross_mass_kg", measure.at("GrossMassMeasure")), ("net_mass_kg", net)):
        if mass.text:
            put_mass(name, mass, item)
    if measure.at("TariffQuantity").text:
        item.number("supplementary_quantity", measure.at("TariffQuantity"))
    _put_value(node, item)
    for packaging in node.all("Packaging"):
        _put_packaging(packaging, item)
    _put_procedures(node.all("GovernmentProcedure"), item)
    put_documents(node, item)
    put_previous_documents(node, item)
    for statement in node.all("AdditionalInformation/StatementCode"):
        item.code("statement_codes", statement)
    for equipment in commodity.all("TransportEquipment"):
        _put_container(equipment, item, consignment)
    for dangerous in commodity.all("DangerousGoods/UNDGID"):
        item.code("dangerous_goods_codes", dangerous)
    item.code("producer_identifier", node.at("Manufacturer/ID"))


def _put_code(classifications: Sequence[Node], item: Writer) -> None:
    """The first of the best kind, and the TARIC part behind a code of the Combined Nomenclature."""
    for kind in _COMMODITY_CODES:
        codes = [
            node for node in classifications if node.at("IdentificationTypeCode").text == kind and node.at("ID").text
        ]
        if codes:
            parts = codes[:1]
            if kind == "TSP":
                parts += [node for node in classifications if node.at("IdentificationTypeCode").text == _TARIC][:1]
            if item.code("commodity_code", *(node.at("ID") for node in parts)):
                for node in parts:
                    node.at("IdentificationTypeCode").carry(item.path("commodity_code"))
            return


def _put_origin(origins: Sequence[Node], item: Writer) -> None:
    """The country of (non-preferential, TypeCode 1) origin before the country of preferential origin."""
    ordered = sorted(origins, key=lambda origin: origin.at("TypeCode").text not in ("1", ""))
    for origin in ordered[:1]:
        if item.code("origin_country_code", origin.at("CountryCode")) and origin.at("TypeCode").text == "1":
            origin.at("TypeCode").carry(item.path("origin_country_code"))
    for other in ordered[1:]:
        if other.at("CountryCode").text == item.message.origin_country_code:
            other.at("CountryCode").carry(item.path("origin_country_code"))


def _put_value(node: Node, item: Writer) -> None:
    """The item's price; where none is declared, as in exports, another value of it, which is said."""
    price = node.at("Commodity/InvoiceLine/ItemChargeAmount")
    others = [(node.at(path), name) for path, name in _OTHER_VALUES]
    if price.text:
        carried, reason = item.money("value", price), "the item's price is carried"
        for other, _ in others:
            _leave_amount(other, reason if carried else "it is not the item's price")
        return
    for other, name in others:
        if not other.text:
            continue
        if item.message.HasField("value"):
            _leave_amount(other, "another value is carried")
        elif item.money("value", other):
            note = f"the {name}, because no item price is declared"
            item.report.assumed.append(Note(item.path("value"), note, other.path))


def _leave_amount(amount: Node, reason: str) -> None:
    amount.leave(reason)
    amount.leave(reason, "currencyID")


def _put_packaging(packaging: Node, item: Writer) -> None:
    added = item.add("packages")
    if added is None:
        return
    added.code("type_code", packaging.at("TypeCode"))
    if packaging.at("QuantityQuantity").text:
        added.number("count", packaging.at("QuantityQuantity"))
    added.text("marks", packaging.at("MarksNumbersID"))
    if added.message.ListFields() or added.message.HasField("count"):
        put_position(packaging.at("SequenceNumeric"), added)
    else:
        del item.message.packages[-1]


def _put_procedures(procedures: Sequence[Node], item: Writer) -> None:
    """Requested and previous procedure are one code, `40` + `00`; additional procedures stand alone."""
    for procedure in procedures:
        parts = (procedure.at("CurrentCode"), procedure.at("PreviousCode"))
        if any(node.text for node in parts):
            item.code("procedure_codes", *parts)


def _put_container(equipment: Node, item: Writer, consignment: Writer) -> None:
    """A container of the item by its number, or by its sequence in the consignment."""
    number, sequence = equipment.at("ID"), equipment.at("SequenceNumeric")
    if number.text:
        container = put_container_number(number, consignment)
        if container is not None and item.code("container_numbers", number):
            put_position(sequence, Writer(item.message, item.report, item.path(_last(item, "container_numbers"))))
        return
    position = decimal(sequence.text)
    containers = consignment.message.containers
    if position is not None and position in range(1, len(containers) + 1):
        item.message.container_numbers.append(containers[int(position) - 1].number)
        sequence.carry(item.path(_last(item, "container_numbers")))


def _last(item: Writer, name: str) -> str:
    return f"{name}[{len(getattr(item.message, name)) - 1}]"
