"""Which element is which field, where one is the other without more ado. `reading` and `writing` share these tables."""

from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.district.v1.movement_pb2 import TransitDeclaration

MOVEMENT = {
    "TransitOperation/LRN": "lrn",
    "TransitOperation/declarationType": "declaration_type",
    "Consignment/grossMass": "total_gross_mass_kg",
}
PARTIES = {
    "HolderOfTheTransitProcedure/": "holder",
    "Consignment/Carrier/": "carrier",
    "Consignment/Consignor/": "consignor",
    "Consignment/Consignee/": "consignee",
}
PARTY = {"name": "name", "Address/country": "country_code"}
MEANS = {"identificationNumber": "identification", "nationality": "nationality_code"}
ITEM = {
    "Commodity/descriptionOfGoods": "description",
    "Commodity/GoodsMeasure/grossMass": "gross_mass_kg",
    "Commodity/GoodsMeasure/netMass": "net_mass_kg",
    "Commodity/GoodsMeasure/supplementaryUnits": "supplementary_quantity",
}
PACKAGING = {"typeOfPackages": "type_code", "numberOfPackages": "count", "shippingMarks": "marks"}
DOCUMENT = {"type": "type_code", "referenceNumber": "number"}
MODES = {str(number): number for number in TransportMeans.Mode.values() if number}
"""inlandModeOfTransport, which is of the same recommendation; 9 (own propulsion) is no mode of ours."""
TRANSIT_MODES = {
    "direct": TransitDeclaration.MODE_DIRECT,
    "transhipment": TransitDeclaration.MODE_TRANSHIPMENT,
}
TRANSPORT_DOCUMENTS = frozenset(
    (
        "C624", "C664", "C665", "N235", "N271", "N325", "N703", "N704", "N705", "N710", "N714", "N720", "N722", "N730",
        "N740", "N741", "N750", "N760", "N785", "N787", "N952", "N955",
    )
)  # fmt: skip
"""Kinds of documents (CL754) that are written as TransportDocument; all others as SupportingDocument."""
HEADING_DIGITS = 6
"""Of a commodity code: harmonizedSystemSubHeadingCode; what follows is combinedNomenclatureCode."""


def house_item(house: int, item: int) -> str:
    """Where an item stands."""
    return f"Consignment/HouseConsignment[{house}]/ConsignmentItem[{item}]/"
