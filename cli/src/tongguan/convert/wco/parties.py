"""Parties. Which is the trader depends on the direction: the importer of an import, the exporter of an export."""

from collections.abc import Sequence

from clearance.common.v1.consignment_pb2 import Consignment
from tongguan.convert.ledger import Node
from tongguan.convert.writer import Writer

_ADDRESS = ("Line", "CityName", "CountrySubDivisionName", "PostcodeID")

# Field → where the party may stand, best first. A path that begins with the item's counts only if all items agree.
_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem/"
_IMPORT = {
    "trader": ("GoodsShipment/Importer", f"{_ITEM}Importer", "Importer"),
    "consignor": (
        "GoodsShipment/Consignor",
        "GoodsShipment/Consignment/Consignor",
        "Consignment/Consignor",
        f"{_ITEM}Consignor",
        "Exporter",
        "GoodsShipment/Exporter",
        f"{_ITEM}Exporter",
        "GoodsShipment/Seller",
        f"{_ITEM}Seller",
    ),
    "consignee": ("GoodsShipment/Consignee", "GoodsShipment/Consignment/Consignee", f"{_ITEM}Consignee"),
}
_EXPORT = {
    "trader": ("Exporter", "GoodsShipment/Exporter", f"{_ITEM}Exporter"),
    "consignor": (
        "GoodsShipment/Consignor",
        "GoodsShipment/Consignment/Consignor",
        "Consignment/Consignor",
        f"{_ITEM}Consignor",
    ),
    "consignee": (
        "GoodsShipment/Consignee",
        "GoodsShipment/Consignment/Consignee",
        f"{_ITEM}Consignee",
        "GoodsShipment/Importer",
        "GoodsShipment/Buyer",
        f"{_ITEM}Buyer",
    ),
}
_DECLARANT = ("Declarant", "Agent", "Submitter")


def put_parties(declaration: Node, consignment: Writer) -> None:
    """Writes trader, consignor, consignee and declarant as declared. Parties beyond these four have no place."""
    exported = consignment.message.direction == Consignment.DIRECTION_EXPORT
    for name, places in ((_EXPORT if exported else _IMPORT) | {"declarant": _DECLARANT}).items():
        found = next((nodes for nodes in (agreed(declaration, place) for place in places) if nodes), None)
        if found:
            _put_party(found, consignment.inside(name))
    _put_agent(declaration, consignment)


def agreed(declaration: Node, path: str) -> Sequence[Node]:
    """The nodes at a path, if it is the header's and there is one, or if every item has one and all are equal."""
    if not path.startswith(_ITEM):
        return declaration.all(path)[:1]
    items = declaration.all(_ITEM.rstrip("/"))
    nodes = [node for item in items for node in item.all(path.removeprefix(_ITEM))]
    same = len(nodes) == len(items) and len({tuple(node.values()) for node in nodes}) == 1
    return nodes if same else ()


def _put_party(nodes: Sequence[Node], party: Writer) -> None:
    first, *others = nodes
    party.text("name", first.at("Name"))
    party.code("identifier", first.at("ID"))
    party.code("country_code", first.at("Address/CountryCode"))
    for node in (line for part in _ADDRESS for line in first.all(f"Address/{part}")):
        if node.text:
            party.text("address_lines", node)
    for other in others:  # equal to the first
        other.carry_like(first)


def _put_agent(declaration: Node, consignment: Writer) -> None:
    """The agent declares for another; here that is the broker, whose licence the format cannot know."""
    agent, declarant = declaration.at("Agent"), consignment.message.declarant.identifier
    if agent and declaration.at("Declarant"):
        for node in (agent.at("ID"), agent.at("Name")):
            if node.text and node.text == declarant:
                node.carry("declarant.identifier")
            else:
                node.leave("the broker stands for the agent")
    agent.at("FunctionCode").leave("the broker stands for the agent")
