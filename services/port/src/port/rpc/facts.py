"""Turns lodged facts into rows of the port's tables."""

from typing import Any

from clearance.port.v1.manifest_service_pb2 import Arrival, DeliveryOrder, Hold, Manifest, Place, Tally
from port.domain.identifiers import conveyance, fold

Entry = dict[str, Any]


def manifest_entry(manifest: Manifest) -> Entry:
    """A row of `manifests`."""
    containers = sorted({fold(number) for number in manifest.container_numbers} - {""})
    return {
        "document": fold(manifest.transport_document_number),
        "conveyance": conveyance(manifest.conveyance_identification),
        "voyage": fold(manifest.voyage_number),
        "packages": manifest.packages,
        "gross_mass_kg": manifest.gross_mass_kg,
        "containers": " ".join(containers),
        "port_code": manifest.port_code,
    }


def arrival_entry(arrival: Arrival) -> Entry:
    """A row of `arrivals`."""
    return {
        "document": fold(arrival.transport_document_number),
        "arrive_time": arrival.arrive_time.ToMicroseconds(),
        "terminal_code": arrival.terminal_code,
    }


def tally_entry(tally: Tally) -> Entry:
    """A row of `tallies`."""
    return {
        "document": fold(tally.transport_document_number),
        "packages": tally.packages,
        "gross_mass_kg": tally.gross_mass_kg,
        "tally_time": tally.tally_time.ToMicroseconds(),
    }


def place_entry(place: Place, yard: str) -> Entry:
    """A row of `places`, which takes up room of this yard; only containers do."""
    container = fold(place.container_number)
    return {
        "document": fold(place.transport_document_number),
        "container": container,
        "yard": yard if container else "",
        "place_code": place.place_code,
        "assign_time": place.assign_time.ToMicroseconds(),
    }


def hold_entry(hold: Hold) -> Entry:
    """A row of `holds`."""
    return {"id": hold.id, "subject": fold(hold.subject), "reason": hold.reason, "lifted": hold.lifted}


def delivery_order_entry(order: DeliveryOrder) -> Entry:
    """A row of `delivery_orders`."""
    document = fold(order.transport_document_number)
    return {"document": document, "haulier": order.haulier_code, "withdrawn": order.withdrawn}
