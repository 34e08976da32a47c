"""The facts a decision rested on, as JSON values, so that it can be replayed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inspection.domain.facts import Certificate, Exemption, Facts


def record_facts(facts: Facts) -> Mapping[str, Any]:
    """Register entries as they were, and the edition of the lists; what the lists say follows from the edition."""
    return {
        "edition": facts.reference.edition,
        "certificates": [_certificate(facts.certificates[number]) for number in sorted(facts.certificates)],
        "exemptions": [_exemption(exemption) for exemption in facts.exemptions],
        "producer_classes": dict(facts.producer_classes),
        "left_grams": _left(facts),
        "spot_checks": [[each.exemption_number, each.drawn, each.per_million] for each in facts.spot_checks.values()],
        "suspended": sorted(facts.suspended),
        "recalls": [[each.number, each.enter_time.isoformat()] for each in facts.recalls],
    }


def _left(facts: Facts) -> dict[str, int]:
    """What other clearances left of each certificate with a limit."""
    left = {number: facts.left_grams(certificate) for number, certificate in sorted(facts.certificates.items())}
    return {number: amount for number, amount in left.items() if amount is not None}


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "number": certificate.number,
        "kind": certificate.kind.value,
        "issue_country_code": certificate.issue_country_code,
        "commodity_prefixes": certificate.commodity_prefixes,
        "limit_net_mass_kg": certificate.limit_net_mass_kg,
        "valid_until_time": _time(certificate.valid_until_time),
        "revoked": certificate.revoked,
        "transport_document_number": certificate.transport_document_number,
    }


def _exemption(exemption: Exemption) -> dict[str, Any]:
    return {
        "number": exemption.number,
        "holder_identifier": exemption.holder_identifier,
        "commodity_prefixes": exemption.commodity_prefixes,
        "valid_until_time": _time(exemption.valid_until_time),
        "revoked": exemption.revoked,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
