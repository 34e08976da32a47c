"""How goods stand with the certificates they need or bring; the rules only report it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Certificate, Facts
from inspection.domain.reference import CertificateKind


class Standing(StrEnum):
    """From bad to good."""

    UNNAMED = "no document of the kind is named"
    UNREGISTERED = "a document is named that the register does not hold yet"
    NOT_IN_FORCE = "all certificates named are revoked or expired"
    NOT_COVERING = "no certificate in force covers these goods from this country"
    COVERED = "a certificate in force covers them"


@dataclass(slots=True)
class Need:
    """Items that need one kind of certificate, name the same documents for it, and stand alike."""

    kind: CertificateKind
    named: tuple[str, ...]
    standing: Standing
    item_numbers: list[int] = field(default_factory=list)


def needs(view: ConsignmentView, facts: Facts, moment: datetime) -> Sequence[Need]:
    """Every certificate that an import must bring and how it stands at `moment`, like items together."""
    if not (view.is_import and facts.lists_any):
        return ()
    grouped: dict[tuple[CertificateKind, tuple[str, ...], Standing], Need] = {}
    for item, commodity in zip(view.items, facts.commodities, strict=True):
        kind = commodity.entry and commodity.entry.certificate
        if kind:
            named, standing = standing_of(item, kind, view, facts, moment)
            need = grouped.setdefault((kind, named, standing), Need(kind, named, standing))
            need.item_numbers.append(item.number)
    return tuple(grouped.values())


def standing_of(
    item: Item, kind: CertificateKind, view: ConsignmentView, facts: Facts, moment: datetime
) -> tuple[tuple[str, ...], Standing]:
    """The numbers named for one kind of certificate, and how the item stands with them.

    One good certificate is enough. While one that is named may still arrive, nothing is refused.
    """
    named = named_certificates(item, kind, view, facts, moment)
    if not named:
        return named, Standing.UNNAMED
    held = [number for number in named if number in facts.certificates]
    usable = facts.once(_usable, view, moment)
    if any(number in usable and covers(facts.certificates[number], item, kind, view) for number in held):
        return named, Standing.COVERED
    if len(held) < len(named):
        return named, Standing.UNREGISTERED
    valid = any(in_force(facts.certificates[number], moment) for number in held)
    return named, Standing.NOT_COVERING if valid else Standing.NOT_IN_FORCE


def named_certificates(
    item: Item, kind: CertificateKind, view: ConsignmentView, facts: Facts, moment: datetime
) -> tuple[str, ...]:
    """Numbers of the documents of a kind, of the item or of the whole consignment."""
    kinds = facts.reference.certificate_kinds
    own = {number for code, number in item.documents if kinds.get(code) is kind} if item.documents else None
    whole = facts.once(_named_for_all, view, moment) if view.documents else {}
    of_whole = whole.get(kind, ())
    return tuple(sorted(own.union(of_whole))) if own else of_whole


def _named_for_all(view: ConsignmentView, facts: Facts, moment: datetime) -> dict[CertificateKind, tuple[str, ...]]:
    """Certificates that the whole consignment names, by kind."""
    named: dict[CertificateKind, set[str]] = {}
    for code, number in view.documents:
        if kind := facts.reference.certificate_kinds.get(code):
            named.setdefault(kind, set()).add(number)
    return {kind: tuple(sorted(numbers)) for kind, numbers in named.items()}


def in_force(certificate: Certificate, moment: datetime) -> bool:
    """Neither revoked nor expired at `moment`."""
    end = certificate.valid_until_time
    return not certificate.revoked and (end is None or moment <= end)


def covers(certificate: Certificate, item: Item, kind: CertificateKind, view: ConsignmentView) -> bool:
    """Goods, kind and country. A missing country is another rule's matter; exports' papers are the district's own."""
    if not item.code.startswith(certificate.commodity_prefixes) or certificate.kind is not kind:
        return False
    countries = {item.origin_country_code, view.dispatch_country_code} - {""}
    return not view.is_import or not countries or certificate.issue_country_code in countries


def _usable(view: ConsignmentView, facts: Facts, moment: datetime) -> set[str]:
    """Certificates in force for this transport document and all the mass that names them, by number."""
    claimed = _claimed_kg(view, facts)
    return {
        certificate.number
        for certificate in facts.certificates.values()
        if in_force(certificate, moment)
        and certificate.transport_document_number in ("", view.transport_document_number)
        and (certificate.limit_net_mass_kg is None or claimed[certificate.number] <= certificate.limit_net_mass_kg)
    }


def _claimed_kg(view: ConsignmentView, facts: Facts) -> dict[str, float]:
    """Net mass of all items that name a certificate and are of its goods, by its number."""
    claimed = dict.fromkeys(facts.certificates, 0.0)
    whole = {number for _, number in view.documents} & claimed.keys()
    for item in view.items:
        for number in whole.union(number for _, number in item.documents if number in claimed):
            if item.code.startswith(facts.certificates[number].commodity_prefixes):
                claimed[number] += item.net_mass_kg or 0.0
    return claimed
