"""Direction and declaration type from TypeCode: `IM` import, `EX` export, `CO` either, then one letter.

The letters are those of data element 1/2 (Union Customs Code, delegated regulation 2015/2446, annex B) and those that
national guides add: A arrived, B and C simplified arrived, D, E, F the same pre-lodged, J and K customs clearance
requests arrived and pre-lodged, X, Y, Z supplementary to B and E, C and F, an entry in the records, U and V the same in
aggregate, Q final supplementary, R retrospective.
"""

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.convert.ledger import Node
from tongguan.convert.refusals import NotADeclaration
from tongguan.convert.report import Note, Report
from tongguan.convert.writer import Writer

_STANDARD = Consignment.DECLARATION_TYPE_STANDARD
_PRE_LODGED = Consignment.DECLARATION_TYPE_PRE_LODGED
_SUPPLEMENTARY = Consignment.DECLARATION_TYPE_SUPPLEMENTARY
_TYPES = {
    **dict.fromkeys("ABCJ", _STANDARD),
    **dict.fromkeys("DEFK", _PRE_LODGED),
    **dict.fromkeys("XYZUVQR", _SUPPLEMENTARY),
}
_SAYS_MORE = {
    **dict.fromkeys("BCEF", "a simplified declaration"),
    **dict.fromkeys("JK", "a customs clearance request"),
    "Q": "a final supplementary declaration",
    "R": "a retrospective declaration, whose goods have left",
}
_DIRECTIONS = {"IM": Consignment.DIRECTION_IMPORT, "EX": Consignment.DIRECTION_EXPORT}
_EXPORT_PROCEDURES = frozenset("123")  # first digit of the requested procedure: 10, 11, 21, 22, 23, 31

# Messages about an earlier declaration; WCO function codes 1 cancellation, 3 deletion, 4 change, 13 request.
_ABOUT_ANOTHER_TYPES = {"COR": "an amendment", "INV": "a cancellation", "GPR": "a presentation of goods"}
_ABOUT_ANOTHER_FUNCTIONS = {"1": "a cancellation", "3": "a deletion", "4": "a change", "13": "a request"}


def require_original(declaration: Node) -> None:
    """Raises NotADeclaration where the message only speaks about an earlier declaration."""
    kind = _ABOUT_ANOTHER_TYPES.get(declaration.at("TypeCode").text)
    kind = kind or _ABOUT_ANOTHER_FUNCTIONS.get(declaration.at("FunctionCode").text)
    if kind:
        raise NotADeclaration(f"it is {kind} of an earlier declaration, not a declaration")


def put_kind(declaration: Node, consignment: Writer) -> None:
    """Writes direction and declaration type; raises NotADeclaration where nothing tells the direction."""
    node = declaration.at("TypeCode")
    code = node.text
    letter = code[2:] if code[:2] in ("IM", "EX", "CO") else ""
    consignment.message.direction = _DIRECTIONS.get(code[:2]) or _direction(declaration, consignment.report)
    consignment.message.declaration_type = _TYPES.get(letter, _STANDARD)
    name = Consignment.DeclarationType.Name(consignment.message.declaration_type).removeprefix("DECLARATION_TYPE_")
    if letter in _TYPES:
        node.carry("declaration_type")
    else:
        node.leave("it is not one of the known kinds of declaration")
    if letter not in _TYPES:
        consignment.report.assumed.append(
            Note("declaration_type", f"{name}, because TypeCode does not tell", node.path)
        )
    elif letter in _SAYS_MORE:
        consignment.report.assumed.append(Note("declaration_type", f"{name}; it is {_SAYS_MORE[letter]}", node.path))
    _function(declaration.at("FunctionCode"), consignment.report)


def _direction(declaration: Node, report: Report) -> Consignment.Direction.ValueType:
    """Direction where TypeCode leaves it open: by the procedure requested, else by who is named."""
    shipment = declaration.at("GoodsShipment")
    requested = [node.text[:1] for node in shipment.all("GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode")]
    requested = [digit for digit in requested[:1] if digit.isdigit() and digit != "0"]
    if requested:
        exported, evidence = requested[0] in _EXPORT_PROCEDURES, "the procedure requested"
    elif declaration.at("ExitOffice"):
        exported, evidence = True, "an office of exit"
    elif shipment.at("Importer"):
        exported, evidence = False, "an importer"
    else:
        raise NotADeclaration("nothing in it tells whether it is an import or an export")
    direction = Consignment.DIRECTION_EXPORT if exported else Consignment.DIRECTION_IMPORT
    note = f"{'EXPORT' if exported else 'IMPORT'}, because it names {evidence} and TypeCode leaves it open"
    report.assumed.append(Note("direction", note))
    return direction


def _function(node: Node, report: Report) -> None:
    """9 is an original declaration, which a submission is by itself."""
    if node.text == "9":
        node.carry("declaration_type")
    else:
        note = f"FunctionCode is {'missing' if not node.text else 'not 9'}; taken as an original declaration"
        report.assumed.append(Note("declaration_type", note, node.path))
