"""Reads what border's rules need out of a consignment."""

from datetime import datetime

from agencykit.storage.times import from_micros
from border.domain.consignment import ConsignmentView
from border.domain.identifiers import call_key, conveyance, fold
from clearance.common.v1.consignment_pb2 import Consignment


def read_consignment(consignment: Consignment) -> ConsignmentView:
    """The view of a consignment; what it leaves out is empty."""
    means = consignment.border_transport
    parties = (consignment.trader, consignment.consignor, consignment.consignee, consignment.declarant)
    identifiers = dict.fromkeys([fold(identifier) for party in parties if (identifier := party.identifier)])
    return ConsignmentView(
        direction=consignment.direction,
        declaration_type=consignment.declaration_type,
        mode=means.mode,
        identification=means.identification,
        conveyance=conveyance(means.identification),
        call=call_key(means.identification, means.voyage_number),
        nationality_code=means.nationality_code,
        parties=tuple([folded for folded in identifiers if folded]),
        dangerous_goods=tuple(
            [
                (item.number, tuple([fold(code) for code in codes]))
                for item in consignment.items
                if (codes := item.dangerous_goods_codes)
            ]
        ),
        load_time=_load_time(consignment),
    )


def _load_time(consignment: Consignment) -> datetime | None:
    if not consignment.HasField("loading_time"):
        return None
    return from_micros(consignment.loading_time.seconds * 1_000_000)
