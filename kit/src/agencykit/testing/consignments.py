"""Consignments and assessment items for tests: sound in form, and easy to bend."""

from hashlib import sha256

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.testing.originators import ORIGINATOR, asserted
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.trace_pb2 import TraceContext
from clearance.common.v1.transport_pb2 import TransportMeans

# 17 November 2004, 08:00 in Ningbo.
ACCEPT_TIME = Timestamp(seconds=1_100_649_600)


def sea_import(reference: str) -> Consignment:
    """A plain import by sea: one container of rivet nuts from Hamburg; `reference` also names the bill of lading."""
    consignment = Consignment(
        reference=reference,
        direction=Consignment.DIRECTION_IMPORT,
        declaration_type=Consignment.DECLARATION_TYPE_STANDARD,
        broker_licence="3104980001",
        customs_district_code="3104",
        port_code="CNBLG",
        trade_mode_code="0110",
        transport_document_number=f"HLCU{reference}"[:35],
        dispatch_country_code="DE",
        destination_country_code="CN",
        total_packages=40,
        total_gross_mass_kg=1000.0,
    )
    consignment.trader.name = "宁波海曙进出口有限公司"
    consignment.trader.identifier = "3302910001"
    consignment.trader.country_code = "CN"
    consignment.consignor.name = "Nietwerk Altona GmbH"
    consignment.consignor.country_code = "DE"
    consignment.border_transport.mode = TransportMeans.MODE_SEA
    consignment.border_transport.identification = "9074729"
    consignment.border_transport.voyage_number = "047W"
    consignment.containers.add(number="CSQU3054383")
    item = consignment.items.add(number=1)
    item.commodity_code = "7318160000"
    item.description = "铆螺母 rivet nuts"
    item.origin_country_code = "DE"
    item.net_mass_kg = 900.0
    item.gross_mass_kg = 1000.0
    item.value.currency_code = "EUR"
    item.value.minor_units = 1_250_000
    consignment.invoice_total.currency_code = "EUR"
    consignment.invoice_total.minor_units = 1_250_000
    return consignment


def assessment_item(
    clearance_number: str,
    consignment: Consignment | bytes,
    *,
    request_id: str,
    version: int = 1,
    originator: str = ORIGINATOR,
    traceparent: str = "",
) -> AssessmentItem:
    """An item as the gateway would send it."""
    content = consignment if isinstance(consignment, bytes) else consignment.SerializeToString(deterministic=True)
    item = AssessmentItem(
        request_id=request_id,
        clearance_number=clearance_number,
        version=version,
        consignment=content,
        consignment_digest=sha256(content).digest(),
        accept_time=ACCEPT_TIME,
        trace_context=TraceContext(traceparent=traceparent),
    )
    asserted([item], originator)
    return item
