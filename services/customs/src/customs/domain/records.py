"""The facts a decision rested on, as JSON values, so that it can be replayed."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from customs.domain.facts import Broker, Enterprise, Facts, Licence


def record_facts(facts: Facts) -> Mapping[str, Any]:
    """Register entries as they were, the edition of the lists, what selection drew, and what was guaranteed and paid.

    What the lists say follows from the edition, what quotas stood at from the period's snapshot.
    """
    return {
        "edition": facts.reference.edition,
        "enterprise": _enterprise(facts.enterprise) if facts.enterprise else None,
        "broker": _broker(facts.broker) if facts.broker else None,
        "mandated": facts.mandated,
        "licences": [_licence(facts.licences[number]) for number in sorted(facts.licences)],
        "risk": _risk(facts),
        **({"first_accept_time": _time(facts.first_accept_time)} if facts.first_accept_time else {}),
        **({"cover": facts.cover} if facts.cover else {}),
        **({"granted_grns": facts.granted_grns} if facts.granted_grns else {}),
        **({"paid": {charge.name: fen for charge, fen in facts.paid.items()}} if facts.paid else {}),
    }


def _risk(facts: Facts) -> dict[str, Any] | None:
    selection = facts.selection
    if facts.risk is None or selection is None:
        return None
    station = facts.risk.station
    return {
        "profile": station.profile.edition,
        "period": station.snapshot.period,
        "lane": selection.lane.name,
        "random_draw": selection.random_draw,
        "marks": [[*mark.stratum, mark.lane.name, mark.way.name, mark.draw, mark.rate] for mark in selection.marks],
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
        "high_tech_until_time": _time(enterprise.high_tech_until_time),
        "networked_until_time": _time(enterprise.networked_until_time),
        "premises": enterprise.premises,
    }


@lru_cache(maxsize=4096)
def _broker(broker: Broker) -> dict[str, Any]:
    return {
        "licence": broker.licence,
        "valid_until_time": _time(broker.valid_until_time),
        "suspended": broker.suspended,
        "needs_mandate": broker.needs_mandate,
        "quality_percent": broker.quality_percent,
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
