"""Reads what customs' rules need out of a consignment."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.goods_pb2 import Document, GoodsItem
from customs.domain.consignment import ConsignmentView, DocumentReference, Item, folded_code, folded_identifier

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PARTIES = ("trader", "consignor", "consignee", "declarant")


def read_consignment(consignment: Consignment) -> ConsignmentView:
    """The view of a consignment; what it leaves out is empty or None."""
    trader = consignment.trader
    gross = consignment.total_gross_mass_kg if consignment.HasField("total_gross_mass_kg") else None
    return ConsignmentView(
        direction=consignment.direction,
        declaration_type=consignment.declaration_type,
        broker_licence=folded_identifier(consignment.broker_licence),
        reference=consignment.reference,
        transport_document_number=consignment.transport_document_number,
        port_code=consignment.port_code,
        special_area_code=consignment.special_area_code,
        trade_mode_code=consignment.trade_mode_code,
        trader_identifier=folded_identifier(trader.identifier),
        trader_country_code=trader.country_code,
        countries=tuple(_countries(consignment)),
        arrival_time=_moment(consignment.arrival_time) if consignment.HasField("arrival_time") else None,
        loading_time=_moment(consignment.loading_time) if consignment.HasField("loading_time") else None,
        invoice_minor_units=consignment.invoice_total.minor_units if consignment.HasField("invoice_total") else None,
        total_gross_mass_kg=gross,
        documents=_documents(consignment.documents),
        items=tuple([_item(item) for item in consignment.items]),
        container_numbers=tuple([container.number for container in consignment.containers]),
        customs_office_code=consignment.customs_district_code,
        verification_office_code=consignment.verification_office_code,
    )


def read_bytes(content: bytes) -> ConsignmentView:
    """The view of a consignment as it was stored."""
    return read_consignment(Consignment.FromString(content))


def _item(item: GoodsItem) -> Item:
    value = item.value if item.HasField("value") else None
    return Item(
        number=item.number,
        code=folded_code(item.commodity_code),
        origin_country_code=item.origin_country_code,
        gross_mass_kg=item.gross_mass_kg if item.HasField("gross_mass_kg") else None,
        net_mass_kg=item.net_mass_kg if item.HasField("net_mass_kg") else None,
        value_minor_units=value.minor_units if value else None,
        currency_code=value.currency_code if value else "",
        documents=_documents(item.documents),
    )


def _documents(documents: Iterable[Document]) -> tuple[DocumentReference, ...]:
    return tuple([(each.type_code, each.number.strip()) for each in documents if each.number])


def _countries(consignment: Consignment) -> Iterator[tuple[str, str]]:
    for path in ("dispatch_country_code", "destination_country_code"):
        if code := getattr(consignment, path):
            yield path, code
    for party in PARTIES:
        if code := getattr(consignment, party).country_code:
            yield f"{party}.country_code", code


def _moment(time: Timestamp) -> datetime:
    """Faster than Timestamp.ToDatetime, and aware."""
    return EPOCH + timedelta(seconds=time.seconds, microseconds=time.nanos // 1000)
