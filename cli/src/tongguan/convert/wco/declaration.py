"""One declaration to one consignment."""

import hashlib
import re
from xml.etree.ElementTree import Element

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.convert.ledger import Node
from tongguan.convert.refusals import NotADeclaration
from tongguan.convert.report import Note, Report
from tongguan.convert.tree import local_name
from tongguan.convert.wco.documents import put_documents, put_previous_documents, transport_document
from tongguan.convert.wco.goods import put_items, put_mass
from tongguan.convert.wco.kind import put_kind, require_original
from tongguan.convert.wco.parties import agreed, put_parties
from tongguan.convert.wco.transport import put_container_flag, put_transport
from tongguan.convert.writer import Writer, decimal

_ITEMS_MOST = 999
_REFERENCE_MOST = 22
_REFERENCE = re.compile(r"^[\x21-\x7E]{1,22}\Z")
_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"


def declarations(root: Element) -> list[Element]:
    """The outermost Declaration elements of a document, whatever wraps them; raises NotADeclaration if none is.

    A response tells of a declaration in an element of the same name; it is none.
    """
    found, responses = [], 0
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = local_name(element)
        if name == "Declaration":
            found.append(element)
        elif name == "Response":
            responses += 1
        else:
            waiting.extend(reversed(element))
    if not found:
        raise NotADeclaration(
            "it is a response to a declaration, not a declaration" if responses else "it holds no Declaration element"
        )
    return found


def map_declaration(declaration: Node, report: Report) -> Consignment:
    """The consignment as far as the declaration tells it; raises NotADeclaration."""
    require_original(declaration)
    items = len(declaration.all(_ITEM))
    if not 1 <= items <= _ITEMS_MOST:
        raise NotADeclaration(f"it holds {items or 'no'} goods items; a submission holds 1 to {_ITEMS_MOST}")
    consignment = Writer(Consignment(), report)
    put_kind(declaration, consignment)
    put_parties(declaration, consignment)
    put_transport(declaration, consignment)
    shipment = declaration.at("GoodsShipment")
    put_items(shipment, consignment)
    put_container_flag(declaration, consignment)
    put_documents(declaration, consignment)
    put_previous_documents(shipment, consignment)
    _put_countries(declaration, consignment)
    _put_totals(declaration, consignment)
    _put_transport_document(consignment)
    _put_reference(declaration, consignment)
    report.reference, report.items = consignment.message.reference, items
    message: Consignment = consignment.message
    return message


def _put_countries(declaration: Node, consignment: Writer) -> None:
    """Countries of dispatch and destination, of the header or of every item alike."""
    for name, place in (
        ("dispatch_country_code", "ExportCountry/ID"),
        ("destination_country_code", "Destination/CountryCode"),
    ):
        header = declaration.at(f"GoodsShipment/{place}")
        nodes = [header] if header.text else list(agreed(declaration, f"{_ITEM}/{place}"))
        for node in nodes:
            consignment.code(name, node)
        if not header.text and len(nodes) > 0:
            consignment.report.assumed.append(Note(name, "the items' own, on which they agree", nodes[0].path))


def _put_totals(declaration: Node, consignment: Writer) -> None:
    quantity = declaration.at("GoodsItemQuantity")
    if decimal(quantity.text) == len(consignment.message.items):
        quantity.carry("items")
    else:
        quantity.leave(f"the declaration holds {len(consignment.message.items)}")
    if declaration.at("TotalPackageQuantity").text:
        consignment.number("total_packages", declaration.at("TotalPackageQuantity"))
    if declaration.at("TotalGrossMassMeasure").text:
        put_mass("total_gross_mass_kg", declaration.at("TotalGrossMassMeasure"), consignment)
    _put_invoice(declaration.at("InvoiceAmount"), consignment)


def _put_invoice(amount: Node, consignment: Writer) -> None:
    """A total in one currency over items in another is refused by the contract; the items' values come first."""
    if not amount.text or not consignment.money("invoice_total", amount):
        return
    currency = consignment.message.invoice_total.currency_code
    if any(item.HasField("value") and item.value.currency_code != currency for item in consignment.message.items):
        consignment.message.ClearField("invoice_total")
        for attribute in ("", "currencyID"):
            amount.leave("items are valued in another currency", attribute)


def _put_transport_document(consignment: Writer) -> None:
    """One of the documents is the transport document, where the declaration does not name it by itself."""
    number = transport_document(consignment)
    if number and not consignment.message.transport_document_number and len(number) <= 35 and number.isascii():
        consignment.message.transport_document_number = number
        consignment.report.assumed.append(Note("transport_document_number", f"{number}, named among the documents"))


def _put_reference(declaration: Node, consignment: Writer) -> None:
    """The trader's own reference, or one made from it, or from all the declaration says; always the same again."""
    node = declaration.at("FunctionalReferenceID")
    name, path, text = "reference", node.path, node.text
    if _REFERENCE.match(text):
        consignment.code(name, node)
        return
    content = text or "\n".join(f"{where}={value}" for where, value in declaration.values())
    digest = hashlib.sha256(content.encode()).hexdigest()[:8].upper()
    kept = "".join(character for character in text if "\x21" <= character <= "\x7e")[: _REFERENCE_MOST - 9]
    consignment.message.reference = f"{kept or 'DECLARATION'}-{digest}"
    why = (
        "it is missing"
        if not text
        else f"it is longer than {_REFERENCE_MOST} characters or holds others than printable"
    )
    consignment.report.assumed.append(Note(name, f"{consignment.message.reference}, because {why}", path))
    node.leave(f"{why}; shortened to {consignment.message.reference}")
