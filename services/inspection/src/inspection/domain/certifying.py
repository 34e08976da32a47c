"""How goods stand with the certificates they need or bring; the rules only report it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inspection.domain.allotting import allotment, fits, in_force
from inspection.domain.concerned import certified
from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Facts
from inspection.domain.naming import named_certificates
from inspection.domain.reference import CertificateKind


class Standing(StrEnum):
    """From bad to good."""

    UNNAMED = "no document of the kind is named"
    UNREGISTERED = "a document is named that the register does not hold yet"
    NOT_IN_FORCE = "all certificates named are revoked or expired"
    NOT_COVERING = "no certificate in force covers these goods from this country"
    USED_UP = "a certificate in force would cover them, but other clearances have used it up"
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
    grouped: dict[tuple[CertificateKind, tuple[str, ...], Standing], Need] = {}
    for item, kind in certified(view, facts):
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
    found, want = facts.once(allotment, view, moment), (item.number, kind)
    if want in found.covered:
        return named, Standing.COVERED
    held = [number for number in named if number in facts.certificates]
    if len(held) < len(named):
        return named, Standing.UNREGISTERED
    if want in found.used_up:
        return named, Standing.USED_UP
    valid = any(in_force(facts.certificates[number], moment) for number in held)
    return named, Standing.NOT_COVERING if valid else Standing.NOT_IN_FORCE


def expiring(view: ConsignmentView, facts: Facts, moment: datetime) -> list[tuple[int, datetime, tuple[str, ...]]]:
    """Items whose certificates are good at `moment` and expire before the goods arrive: (item, last end, numbers)."""
    arrives = view.arrive_time
    if arrives is None or arrives <= moment or not facts.certificates:
        return []
    found = []
    for item, kind in certified(view, facts):
        named, standing = standing_of(item, kind, view, facts, moment)
        held = [facts.certificates[number] for number in named if number in facts.certificates]
        ends = [each.valid_until_time for each in held if fits(each, item, kind, view, moment)]
        last = max((end for end in ends if end is not None), default=None)
        if standing is Standing.COVERED and last is not None and None not in ends and last < arrives:
            found.append((item.number, last, named))
    return found
