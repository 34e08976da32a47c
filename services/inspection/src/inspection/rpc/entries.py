"""Turns lodged certificates and register entries into rows of inspection's tables."""

from collections.abc import Iterable
from typing import Any

from clearance.inspection.v1.certificate_service_pb2 import Certificate, Exemption, Producer
from inspection.domain.consignment import folded_code, folded_identifier

Entry = dict[str, Any]


def certificate_entry(certificate: Certificate) -> Entry:
    """A row of `certificates`."""
    return {
        "number": certificate.number.strip(),
        "kind": certificate.kind,
        "issue_country_code": certificate.issue_country_code,
        "commodity_prefixes": _prefixes(certificate.commodity_prefixes),
        "limit_net_mass_kg": certificate.limit_net_mass_kg or None,
        "valid_until_time": _valid_until(certificate),
        "revoked": certificate.revoked,
        "transport_document_number": certificate.transport_document_number,
    }


def exemption_entry(exemption: Exemption) -> Entry:
    """A row of `exemptions`."""
    return {
        "number": exemption.number.strip(),
        "holder_identifier": folded_identifier(exemption.holder_identifier),
        "commodity_prefixes": _prefixes(exemption.commodity_prefixes),
        "valid_until_time": _valid_until(exemption),
        "revoked": exemption.revoked,
    }


def producer_entry(producer: Producer) -> Entry:
    """A row of `producers`."""
    return {
        "identifier": folded_identifier(producer.identifier),
        "name": producer.name,
        "inspection_class": producer.inspection_class,
    }


def _prefixes(prefixes: Iterable[str]) -> str:
    return " ".join(folded_code(prefix) for prefix in prefixes)


def _valid_until(entry: Certificate | Exemption) -> int | None:
    return entry.valid_until_time.ToMicroseconds() if entry.HasField("valid_until_time") else None
