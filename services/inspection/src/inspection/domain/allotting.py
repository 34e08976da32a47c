"""Which certificates cover which items, and how much of each is written off for it.

Items draw in their order on the certificates they name, in the order of their numbers, and one item on several where
one is not enough. What other clearances have written off is not there to be drawn on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inspection.domain.concerned import certified, supervised
from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Certificate, Facts, grams
from inspection.domain.naming import named_certificates
from inspection.domain.reference import CertificateKind

Want = tuple[int, CertificateKind]
"""An item's number and a kind of certificate that it needs or brings."""
Drawn = dict[str, int]
"""Grams by a certificate's number."""


@dataclass(slots=True)
class Allotment:
    """How a consignment draws on certificates."""

    covered: set[Want] = field(default_factory=set)
    used_up: set[Want] = field(default_factory=set)
    """Covered, if other clearances had not used the certificates up."""
    drawn: dict[Want, Drawn] = field(default_factory=dict)
    """What each covered item draws on certificates with a limit."""


def allotment(view: ConsignmentView, facts: Facts, moment: datetime) -> Allotment:
    """Allots the certificates in force at `moment`."""
    made = Allotment()
    if not facts.certificates:
        return made
    left: dict[str, int] = {}
    whole: dict[str, int] = {}
    for certificate in facts.certificates.values():
        limit, remaining = certificate.limit_grams, facts.left_grams(certificate)
        if limit is not None and remaining is not None:
            whole[certificate.number], left[certificate.number] = limit, remaining
    for item, kind in _wants(view, facts):
        good = [each for each in _named(item, kind, view, facts, moment) if fits(each, item, kind, view, moment)]
        want, needed = (item.number, kind), grams(item.net_mass_kg)
        drawn = _draw(good, needed, left)
        in_full = _draw(good, needed, whole)
        if drawn is not None:
            made.covered.add(want)
            made.drawn[want] = drawn
        elif in_full is not None:
            made.used_up.add(want)
    return made


def charges(view: ConsignmentView, facts: Facts, moment: datetime) -> Mapping[str, int]:
    """Grams to be written off each certificate with a limit, by number.

    The certificates that an import needs are written off together or not at all: what lacks one paper must not keep
    others from theirs. What was inspected at origin is written off item by item.
    """
    made = facts.once(allotment, view, moment)
    if not made.drawn:
        return {}
    complete = all((item.number, kind) in made.covered for item, kind in certified(view, facts))
    total: dict[str, int] = {}
    for (_, kind), drawn in made.drawn.items():
        if complete or kind is CertificateKind.ORIGIN_INSPECTION:
            for number, amount in drawn.items():
                total[number] = total.get(number, 0) + amount
    return {number: amount for number, amount in total.items() if amount}


def fits(certificate: Certificate, item: Item, kind: CertificateKind, view: ConsignmentView, moment: datetime) -> bool:
    """In force, for this transport document, kind, goods and country; whatever its quantity.

    A missing country is another rule's matter; exports' papers are the district's own.
    """
    bound = certificate.transport_document_number
    if not in_force(certificate, moment) or bound not in ("", view.transport_document_number):
        return False
    if not item.code.startswith(certificate.commodity_prefixes) or certificate.kind is not kind:
        return False
    countries = {item.origin_country_code, view.dispatch_country_code} - {""}
    return not view.is_import or not countries or certificate.issue_country_code in countries


def in_force(certificate: Certificate, moment: datetime) -> bool:
    """Neither revoked nor expired at `moment`."""
    end = certificate.valid_until_time
    return not certificate.revoked and (end is None or moment <= end)


def _wants(view: ConsignmentView, facts: Facts) -> Iterator[tuple[Item, CertificateKind]]:
    yield from certified(view, facts)
    yield from ((item, CertificateKind.ORIGIN_INSPECTION) for item, _ in supervised(view, facts))


def _named(
    item: Item, kind: CertificateKind, view: ConsignmentView, facts: Facts, moment: datetime
) -> list[Certificate]:
    numbers = named_certificates(item, kind, view, facts, moment)
    return [facts.certificates[number] for number in numbers if number in facts.certificates]


def _draw(good: Sequence[Certificate], needed: int, left: dict[str, int]) -> Drawn | None:
    """Draws on the certificates, lessening `left`; None, and nothing is drawn, where they have too little left."""
    if not good:
        return None
    if any(each.number not in left for each in good):
        return {}
    drawn: Drawn = {}
    for each in good:
        amount = min(needed, left[each.number])
        drawn[each.number] = amount
        needed -= amount
    if needed:
        return None
    for number, amount in drawn.items():
        left[number] -= amount
    return drawn
