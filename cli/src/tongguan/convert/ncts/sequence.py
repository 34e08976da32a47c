"""The sequence of elements in NCTS phase 5, as far as declarations and releases go (schema 51.8 of ctypes.xsd).

An element has the same children in the same order wherever it stands, so that its name is enough. Where phases differ
(`Consignee` of an item) the wider one is listed.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

Kind = Literal["CC015C", "CC029C"]
DECLARED: Kind = "CC015C"
RELEASED: Kind = "CC029C"
NAMESPACE = "http://ncts.dgtaxud.ec"
PHASE = "NCTS5.0"
_DOCUMENTS = (
    "PreviousDocument*", "SupportingDocument*", "TransportDocument*", "AdditionalReference*", "AdditionalInformation*",
    "TransportCharges",
)  # fmt: skip
_PARTY = ("identificationNumber", "TIRHolderIdentificationNumber", "name", "Address", "ContactPerson")
_REFERENCE = ("sequenceNumber", "type", "referenceNumber")
_PLACE = ("UNLocode", "country", "location")
_MEANS = (
    "sequenceNumber", "customsOfficeAtBorderReferenceNumber", "typeOfIdentification", "identificationNumber",
    "nationality", "conveyanceReferenceNumber",
)  # fmt: skip
_PACKAGES = ("typeOfPackages", "numberOfPackages", "measurementUnitAndQualifier", "quantity", "complementOfInformation")

# Parent → its children in order, `*` behind those that may repeat. The message itself has no name.
_CHILDREN: Mapping[str, Sequence[str]] = {
    "": (
        "messageSender", "messageRecipient", "preparationDateAndTime", "messageIdentification", "messageType",
        "correlationIdentifier", "TransitOperation", "Authorisation*", "CustomsOfficeOfDeparture",
        "CustomsOfficeOfDestinationDeclared", "CustomsOfficeOfTransitDeclared*",
        "CustomsOfficeOfExitForTransitDeclared*", "HolderOfTheTransitProcedure", "Representative", "ControlResult",
        "Guarantee*", "Consignment",
    ),
    "TransitOperation": (
        "LRN", "MRN", "declarationType", "additionalDeclarationType", "TIRCarnetNumber",
        "presentationOfTheGoodsDateAndTime", "declarationAcceptanceDate", "releaseDate", "security",
        "reducedDatasetIndicator", "specificCircumstanceIndicator", "communicationLanguageAtDeparture",
        "bindingItinerary", "limitDate",
    ),
    "Authorisation": _REFERENCE,
    "CustomsOfficeOfTransitDeclared": ("sequenceNumber", "referenceNumber", "arrivalDateAndTimeEstimated"),
    "CustomsOfficeOfExitForTransitDeclared": ("sequenceNumber", "referenceNumber"),
    "HolderOfTheTransitProcedure": _PARTY,
    "Representative": ("identificationNumber", "status", "ContactPerson"),
    "ControlResult": ("code", "date", "controlledBy", "text"),
    "Guarantee": ("sequenceNumber", "guaranteeType", "otherGuaranteeReference", "GuaranteeReference*"),
    "GuaranteeReference": ("sequenceNumber", "GRN", "accessCode", "amountToBeCovered", "currency"),
    "Address": ("streetAndNumber", "postcode", "city", "country"),
    "ContactPerson": ("name", "phoneNumber", "eMailAddress"),
    "Consignment": (
        "countryOfDispatch", "countryOfDestination", "containerIndicator", "inlandModeOfTransport",
        "modeOfTransportAtTheBorder", "grossMass", "referenceNumberUCR", "Carrier", "Consignor", "Consignee",
        "AdditionalSupplyChainActor*", "TransportEquipment*", "LocationOfGoods", "DepartureTransportMeans*",
        "CountryOfRoutingOfConsignment*", "ActiveBorderTransportMeans*", "PlaceOfLoading", "PlaceOfUnloading",
        *_DOCUMENTS, "HouseConsignment*",
    ),
    "Carrier": _PARTY,
    "Consignor": _PARTY,
    "Consignee": _PARTY,
    "AdditionalSupplyChainActor": ("sequenceNumber", "role", "identificationNumber"),
    "TransportEquipment": (
        "sequenceNumber", "containerIdentificationNumber", "numberOfSeals", "Seal*", "GoodsReference*",
    ),
    "Seal": ("sequenceNumber", "identifier"),
    "GoodsReference": ("sequenceNumber", "declarationGoodsItemNumber"),
    "LocationOfGoods": (
        "typeOfLocation", "qualifierOfIdentification", "authorisationNumber", "additionalIdentifier", "UNLocode",
        "CustomsOffice", "GNSS", "EconomicOperator", "Address", "PostcodeAddress", "ContactPerson",
    ),
    "GNSS": ("latitude", "longitude"),
    "PostcodeAddress": ("houseNumber", "postcode", "country"),
    "DepartureTransportMeans": _MEANS,
    "CountryOfRoutingOfConsignment": ("sequenceNumber", "country"),
    "ActiveBorderTransportMeans": _MEANS,
    "PlaceOfLoading": _PLACE,
    "PlaceOfUnloading": _PLACE,
    "PreviousDocument": (*_REFERENCE, "goodsItemNumber", *_PACKAGES),
    "SupportingDocument": (*_REFERENCE, "documentLineItemNumber", "complementOfInformation"),
    "TransportDocument": _REFERENCE,
    "AdditionalReference": _REFERENCE,
    "AdditionalInformation": ("sequenceNumber", "code", "text"),
    "HouseConsignment": (
        "sequenceNumber", "countryOfDispatch", "countryOfDestination", "grossMass", "referenceNumberUCR",
        "securityIndicatorFromExportDeclaration", "Consignor", "Consignee", "AdditionalSupplyChainActor*",
        "DepartureTransportMeans*", *_DOCUMENTS, "ConsignmentItem*",
    ),
    "ConsignmentItem": (
        "goodsItemNumber", "declarationGoodsItemNumber", "declarationType", "countryOfDispatch", "countryOfDestination",
        "referenceNumberUCR", "Consignee", "AdditionalSupplyChainActor*", "Commodity", "Packaging*", *_DOCUMENTS,
    ),
    "Commodity": ("descriptionOfGoods", "cusCode", "CommodityCode", "DangerousGoods*", "GoodsMeasure"),
    "CommodityCode": ("harmonizedSystemSubHeadingCode", "combinedNomenclatureCode"),
    "DangerousGoods": ("sequenceNumber", "UNNumber"),
    "GoodsMeasure": ("grossMass", "netMass", "supplementaryUnits"),
    "Packaging": ("sequenceNumber", "typeOfPackages", "numberOfPackages", "shippingMarks"),
}  # fmt: skip

# (parent, child) of one kind of message alone.
_ONLY: Mapping[tuple[str, str], Kind] = {
    ("TransitOperation", "MRN"): RELEASED,
    ("TransitOperation", "declarationAcceptanceDate"): RELEASED,
    ("TransitOperation", "releaseDate"): RELEASED,
    ("", "ControlResult"): RELEASED,
    ("HouseConsignment", "securityIndicatorFromExportDeclaration"): RELEASED,
    ("TransitOperation", "presentationOfTheGoodsDateAndTime"): DECLARED,
    ("TransitOperation", "limitDate"): DECLARED,
    ("GoodsMeasure", "supplementaryUnits"): DECLARED,
}

REPEATED = frozenset(name[:-1] for children in _CHILDREN.values() for name in children if name.endswith("*"))
_RANKS = {
    parent: {name.rstrip("*"): rank for rank, name in enumerate(children)} for parent, children in _CHILDREN.items()
}
_UNKNOWN = 999


def rank(parent: str, child: str) -> int:
    """Where a child stands among its siblings; what the schema does not know comes last."""
    return _RANKS.get(parent, {}).get(child, _UNKNOWN)


def belongs(kind: Kind, parent: str, child: str) -> bool:
    """Whether this kind of message may have the element."""
    return _ONLY.get((parent, child), kind) == kind
