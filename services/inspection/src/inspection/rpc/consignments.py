"""Reads what inspection's rules need out of a consignment."""

from collections.abc import Iterable
from datetime import datetime

from agencykit.storage.times import from_micros
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.goods_pb2 import Document, GoodsItem
from inspection.domain.consignment import ConsignmentView, DocumentReference, Item, folded_code, folded_identifier


def read_consignment(consignment: Consignment) -> ConsignmentView:
    """The view of a consignment; what it leaves out is empty or None."""
    return ConsignmentView(
        direction=consignment.direction,
        trader_identifier=folded_identifier(consignment.trader.identifier),
        dispatch_country_code=consignment.dispatch_country_code,
        transport_document_number=consignment.transport_document_number,
        documents=_documents(consignment.documents),
        items=tuple([_item(item) for item in consignment.items]),
        broker_licence=consignment.broker_licence,
        reference=consignment.reference,
        arrive_time=_arrive_time(consignment),
    )


def _arrive_time(consignment: Consignment) -> datetime | None:
    if not consignment.HasField("arrival_time"):
        return None
    return from_micros(consignment.arrival_time.seconds * 1_000_000)


def _item(item: GoodsItem) -> Item:
    return Item(
        number=item.number,
        code=folded_code(item.commodity_code),
        origin_country_code=item.origin_country_code,
        net_mass_kg=item.net_mass_kg if item.HasField("net_mass_kg") else None,
        producer_identifier=folded_identifier(item.producer_identifier),
        package_codes=tuple([packaging.type_code for packaging in item.packages]),
        documents=_documents(item.documents),
    )


def _documents(documents: Iterable[Document]) -> tuple[DocumentReference, ...]:
    return tuple([(each.type_code, each.number.strip()) for each in documents if each.number])
