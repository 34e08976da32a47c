"""Documents, earlier declarations and references."""

from tongguan.convert.ledger import Node
from tongguan.convert.writer import Writer

# Codes of transport documents (UN/EDIFACT 1001), by which one among the documents names the consignment's:
# 703 house waybill, 704 master bill of lading, 705 bill of lading, 714 house bill of lading, 720 rail consignment note,
# 722 SMGS note, 730 road consignment note, 740 air waybill, 741 master air waybill, 787 bordereau.
_TRANSPORT_DOCUMENTS = ("705", "714", "704", "740", "703", "741", "730", "720", "722", "787")


def put_documents(parent: Node, writer: Writer) -> None:
    """Writes the documents of the declaration or of one item: category and type are one code, `N` + `935`."""
    for document in parent.all("AdditionalDocument"):
        _put_document("documents", document, writer)


def put_previous_documents(parent: Node, writer: Writer) -> None:
    """Writes earlier declarations and references; the trader's unique consignment reference is one of them."""
    for document in parent.all("PreviousDocument"):
        _put_document("previous_documents", document, writer)
    for reference in (*parent.all("UCR/TraderAssignedReferenceID"), *parent.all("UCR/ID")):
        added = writer.add("previous_documents") if reference.text else None
        if added is not None:
            added.message.type_code = "UCR"
            added.code("number", reference)


def transport_document(consignment: Writer) -> str:
    """Number of the transport document among the documents of consignment and items, or nothing."""
    message = consignment.message
    documents = [*message.documents, *(document for item in message.items for document in item.documents)]
    for code in _TRANSPORT_DOCUMENTS:
        for document in documents:
            if document.number and document.type_code in (f"N{code}", code):
                return str(document.number)
    return ""


def _put_document(field: str, document: Node, writer: Writer) -> None:
    parts = (document.at("CategoryCode"), document.at("TypeCode"))
    number, status = document.at("ID"), document.at("LPCOExemptionCode")
    if not any(node.text for node in (*parts, number, status)):
        return
    added = writer.add(field)
    if added is None:
        for node in (*parts, number, status):
            node.leave("the submission holds no more documents here")
        return
    added.code("type_code", *parts)
    added.code("number", number)
    added.code("status_code", status)
    if not added.message.ListFields():
        del getattr(writer.message, field)[-1]
