"""Turns register entries into rows of customs' tables."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from clearance.customs.v1.register_service_pb2 import Broker, Carrier, Enterprise, Licence
from customs.domain.carriers import folded_vehicle
from customs.domain.consignment import folded_code, folded_identifier

Entry = dict[str, Any]


def enterprise_entry(enterprise: Enterprise) -> Entry:
    """A row of `enterprises`."""
    return {
        "identifier": folded_identifier(enterprise.identifier),
        "name": enterprise.name,
        "enterprise_class": enterprise.enterprise_class,
        "valid_from_time": _micros(enterprise.valid_from_time) if enterprise.HasField("valid_from_time") else None,
        "valid_until_time": _micros(enterprise.valid_until_time) if enterprise.HasField("valid_until_time") else None,
        "suspended": enterprise.suspended,
        "high_tech_until_time": (
            _micros(enterprise.high_tech_until_time) if enterprise.HasField("high_tech_until_time") else None
        ),
        "networked_until_time": (
            _micros(enterprise.networked_until_time) if enterprise.HasField("networked_until_time") else None
        ),
        "premises": enterprise.premises,
    }


def broker_entry(broker: Broker) -> Entry:
    """A row of `brokers`."""
    return {
        "licence": folded_identifier(broker.licence),
        "name": broker.name,
        "valid_until_time": _micros(broker.valid_until_time) if broker.HasField("valid_until_time") else None,
        "suspended": broker.suspended,
        "needs_mandate": bool(broker.mandate_identifiers),
        "quality_percent": broker.quality_percent if broker.HasField("quality_percent") else None,
    }


def mandates_given(broker: Broker) -> list[str]:
    """The enterprises that gave the broker a mandate, as the register knows them."""
    return [folded_identifier(identifier) for identifier in broker.mandate_identifiers]


def licence_entry(licence: Licence) -> Entry:
    """A row of `licences`."""
    return {
        "number": licence.number.strip(),
        "type_code": licence.type_code,
        "holder_identifier": folded_identifier(licence.holder_identifier),
        "commodity_prefixes": " ".join(folded_code(prefix) for prefix in licence.commodity_prefixes),
        "limit_net_mass_kg": licence.limit_net_mass_kg or None,
        "valid_until_time": _micros(licence.valid_until_time) if licence.HasField("valid_until_time") else None,
        "revoked": licence.revoked,
    }


def carrier_entry(carrier: Carrier) -> Entry:
    """A row of `carriers`."""
    return {
        "identifier": folded_identifier(carrier.identifier),
        "name": carrier.name,
        "valid_from_time": _micros(carrier.valid_from_time) if carrier.HasField("valid_from_time") else None,
        "valid_until_time": _micros(carrier.valid_until_time) if carrier.HasField("valid_until_time") else None,
        "suspended": carrier.suspended,
    }


def vehicles(carrier: Carrier) -> list[str]:
    """Its vehicles, as the register knows them."""
    return [folded_vehicle(identification) for identification in carrier.vehicle_identifications]


def _micros(time: Timestamp) -> int:
    return time.ToMicroseconds()
