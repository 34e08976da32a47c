"""The facts a decision rested on, as JSON values, so that it can be replayed."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from customs.domain.facts import Broker, Enterprise, Facts, Licence


def record_facts(facts: Facts) -> Mapping[str, Any]:
    """Register entries as they were, and the edition of the lists; what the lists say follows from the edition."""
    return {
        "edition": facts.reference.edition,
        "enterprise": _enterprise(facts.enterprise) if facts.enterprise else None,
        "broker": _broker(facts.broker) if facts.broker else None,
        "mandated": facts.mandated,
        "licences": [_licence(facts.licences[number]) for number in sorted(facts.licences)],
    }


# What nobody changes is shared by all records of one entry.
@lru_cache(maxsize=4096)
def _enterprise(enterprise: Enterprise) -> dict[str, Any]:
    return {
        "identifier": enterprise.identifier,
        "enterprise_class": enterprise.enterprise_class.name,
        "valid_from_time": _time(enterprise.valid_from_time),
        "valid_until_time": _time(enterprise.valid_until_time),
        "suspended": enterprise.suspended,
    }


@lru_cache(maxsize=4096)
def _broker(broker: Broker) -> dict[str, Any]:
    return {
        "licence": broker.licence,
        "valid_until_time": _time(broker.valid_until_time),
        "suspended": broker.suspended,
        "needs_mandate": broker.needs_mandate,
    }


def _licence(licence: Licence) -> dict[str, Any]:
    return {
        "number": licence.number,
        "type_code": licence.type_code,
        "holder_identifier": licence.holder_identifier,
        "commodity_prefixes": licence.commodity_prefixes,
        "limit_net_mass_kg": licence.limit_net_mass_kg,
        "valid_until_time": _time(licence.valid_until_time),
        "revoked": licence.revoked,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
