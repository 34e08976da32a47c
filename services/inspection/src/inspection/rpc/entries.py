"""Between lodged certificates and register entries and rows of inspection's tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from agencykit.refusals import FormInvalid, Violation
from clearance.inspection.v1.certificate_service_pb2 import (
    Certificate,
    Exemption,
    GetCertificateResponse,
    GetExemptionResponse,
    Producer,
    Recall,
)
from inspection.domain.consignment import folded_code, folded_identifier
from inspection.domain.facts import grams
from inspection.storage.uses import CertificateUse, ExemptionUse

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


def certificate_message(row: Row[Any]) -> Certificate:
    """A certificate as it is stored; `certificate_entry` of it is the row again."""
    message = Certificate(
        number=row.number,
        kind=row.kind,
        issue_country_code=row.issue_country_code,
        commodity_prefixes=row.commodity_prefixes.split(),
        limit_net_mass_kg=row.limit_net_mass_kg or 0,
        revoked=row.revoked,
        transport_document_number=row.transport_document_number,
    )
    if row.valid_until_time is not None:
        message.valid_until_time.FromMicroseconds(row.valid_until_time)
    return message


def certificate_use_message(use: CertificateUse) -> GetCertificateResponse:
    """A certificate with what is left of it."""
    message = GetCertificateResponse(
        certificate=certificate_message(use.certificate), used_net_mass_kg=use.used_grams / 1000
    )
    if use.certificate.limit_net_mass_kg is not None:
        message.left_net_mass_kg = max(grams(use.certificate.limit_net_mass_kg) - use.used_grams, 0) / 1000
    for row in use.entries:
        entry = message.write_offs.add(
            clearance_number=row.clearance_number, version=row.version, net_mass_kg=row.grams / 1000
        )
        entry.write_time.FromMicroseconds(row.write_time)
    return message


def exemption_use_message(use: ExemptionUse) -> GetExemptionResponse:
    """An exemption with its spot checks."""
    row = use.exemption
    exemption = Exemption(
        number=row.number,
        holder_identifier=row.holder_identifier,
        commodity_prefixes=row.commodity_prefixes.split(),
        revoked=row.revoked,
    )
    if row.valid_until_time is not None:
        exemption.valid_until_time.FromMicroseconds(row.valid_until_time)
    return GetExemptionResponse(
        exemption=exemption,
        suspended_by=row.suspended_by,
        used_count=use.used,
        checked_count=use.checked,
        failed_count=use.failed,
    )


def exemption_entry(exemption: Exemption) -> Entry:
    """A row of `exemptions`."""
    return {
        "number": exemption.number.strip(),
        "holder_identifier": folded_identifier(exemption.holder_identifier),
        "commodity_prefixes": _prefixes(exemption.commodity_prefixes),
        "valid_until_time": _valid_until(exemption),
        "revoked": exemption.revoked,
        "suspended_by": "",
    }


def recall_entries(recalls: Sequence[Recall]) -> list[Entry]:
    """Rows of `recalls` but for the time; FormInvalid with every one that names not just one subject."""
    broken = [
        Violation(f"recalls[{index}]", "recall.subject", "names a clearance or a producer, not both", "message")
        for index, recall in enumerate(recalls)
        if bool(recall.clearance_number) == bool(recall.producer_identifier)
    ]
    if broken:
        raise FormInvalid(broken)
    return [
        {
            "number": recall.number.strip(),
            "clearance_number": recall.clearance_number,
            "producer_identifier": folded_identifier(recall.producer_identifier),
            "commodity_prefixes": _prefixes(recall.commodity_prefixes),
            "reason": recall.reason,
            "lifted": recall.lifted,
        }
        for recall in recalls
    ]


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
