"""How the goods of a consignment stand with the licences they need; the rules CUS-121 to CUS-124 only report it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from customs.domain.consignment import ConsignmentView, Item
from customs.domain.facts import Facts, Licence
from customs.domain.reference import LicenceControl


class Standing(StrEnum):
    """From bad to good; each but the last is one rule's finding."""

    UNNAMED = "no document of the kind is named"
    UNREGISTERED = "a document is named that the register does not hold yet"
    NOT_IN_FORCE = "all licences named are revoked or expired"
    NOT_COVERING = "no licence in force covers these goods of this enterprise"
    COVERED = "a licence in force covers them"


@dataclass(slots=True)
class Need:
    """Items that need one kind of licence, name the same documents for it, and stand alike."""

    control: LicenceControl
    named: tuple[str, ...]
    standing: Standing
    item_numbers: list[int] = field(default_factory=list)


def needs(view: ConsignmentView, facts: Facts, moment: datetime) -> Sequence[Need]:
    """Every licence the consignment needs and how it stands at `moment`, like items together."""
    whole = _named_by_control(view, facts)
    wanted = [
        (item, control, _named(item, control, whole[control.document_codes]))
        for item, commodity in zip(view.items, facts.commodities, strict=True)
        for control in commodity.controls
    ]
    claimed: dict[str, float] = {}
    for item, _, named in wanted:
        for number in named:
            claimed[number] = claimed.get(number, 0.0) + (item.net_mass_kg or 0.0)
    grouped: dict[tuple[LicenceControl, tuple[str, ...], Standing], Need] = {}
    for item, control, named in wanted:
        standing = _standing(item, control, named, view.trader_identifier, facts.licences, claimed, moment)
        need = grouped.setdefault((control, named, standing), Need(control, named, standing))
        need.item_numbers.append(item.number)
    return tuple(grouped.values())


def _named_by_control(view: ConsignmentView, facts: Facts) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Numbers of the whole consignment's documents, by the codes of each control that is met."""
    met = {control.document_codes for commodity in facts.commodities for control in commodity.controls}
    return {codes: tuple(sorted({number for code, number in view.documents if code in codes})) for codes in met}


def _named(item: Item, control: LicenceControl, whole: tuple[str, ...]) -> tuple[str, ...]:
    """Numbers of the documents, of the item or of the whole consignment, whose kind satisfies the control."""
    own = {number for code, number in item.documents if code in control.document_codes}
    return tuple(sorted(own.union(whole))) if own else whole


def _standing(
    item: Item,
    control: LicenceControl,
    named: tuple[str, ...],
    trader: str,
    licences: Mapping[str, Licence],
    claimed: Mapping[str, float],
    moment: datetime,
) -> Standing:
    """One good licence is enough. While one that is named may still arrive, nothing is refused."""
    if not named:
        return Standing.UNNAMED
    held = [licences[number] for number in named if number in licences]
    valid = [licence for licence in held if in_force(licence, moment)]
    if any(covers(licence, item, control, trader, claimed[licence.number]) for licence in valid):
        return Standing.COVERED
    if len(held) < len(named):
        return Standing.UNREGISTERED
    return Standing.NOT_COVERING if valid else Standing.NOT_IN_FORCE


def in_force(licence: Licence, moment: datetime) -> bool:
    """Neither revoked nor expired at `moment`."""
    return not licence.revoked and (licence.valid_until_time is None or moment <= licence.valid_until_time)


def covers(licence: Licence, item: Item, control: LicenceControl, trader: str, claimed_kg: float) -> bool:
    """Kind, holder, goods and mass. `claimed_kg` is the net mass of all items that name the licence.

    A missing trader's number is CUS-131's matter and is not held against the licence.
    """
    kind = licence.type_code in control.document_codes
    holder = licence.holder_identifier == trader or not trader
    goods = item.code.startswith(licence.commodity_prefixes)
    return kind and holder and goods and (licence.limit_net_mass_kg is None or claimed_kg <= licence.limit_net_mass_kg)
