"""How the goods of the catalogue are supervised: class of the producer by risk of the goods, and what excuses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inspection.domain.certifying import Standing, standing_of
from inspection.domain.concerned import supervised
from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Exemption, Facts
from inspection.domain.reference import CertificateKind, Entry, Mode, Quarantine

UNKNOWN_PRODUCER_CLASS = 3
LIVING = (Quarantine.ANIMAL, Quarantine.PLANT)


@dataclass(slots=True)
class Supervision:
    """How one listed item is supervised. `mode` is what would be without the excuses and what is still awaited."""

    item: Item
    entry: Entry
    mode: Mode
    producer_class: int
    """0 where no class matters."""
    exemption: Exemption | None = None
    spot_checked: bool = False
    """The exemption excuses, but these goods were drawn for a spot check."""
    lapsed_exemption: Exemption | None = None
    origin_certificates: tuple[str, ...] = ()
    origin_standing: Standing = Standing.UNNAMED
    awaits_producer: bool = False

    @property
    def excused(self) -> bool:
        """Exempt and not drawn for a spot check, or inspected at origin."""
        exempt = self.exemption is not None and not self.spot_checked
        return exempt or self.origin_standing is Standing.COVERED

    @property
    def awaits_origin(self) -> bool:
        """Whether a certificate of inspection at origin is on its way that would spare the goods something."""
        spares = self.mode is not Mode.RELEASE or self.entry.quarantine in LIVING
        return self.origin_standing is Standing.UNREGISTERED and self.exemption is None and spares

    @property
    def applied(self) -> Mode:
        """The mode that is in fact applied now; nothing is examined for want of a paper that is on its way."""
        waits = self.awaits_producer or self.origin_standing is Standing.UNREGISTERED
        return Mode.RELEASE if self.excused or waits or self.spot_checked else self.mode


def supervisions(view: ConsignmentView, facts: Facts, moment: datetime) -> Sequence[Supervision]:
    """How each supervised item is supervised at `moment`."""
    return [_supervision(item, entry, view, facts, moment) for item, entry in supervised(view, facts)]


def _supervision(item: Item, entry: Entry, view: ConsignmentView, facts: Facts, moment: datetime) -> Supervision:
    producer_class, awaits = (0, False) if view.is_import else _class_of(item, facts)
    modes = facts.reference.modes
    mode = modes.imports[entry.grade] if view.is_import else modes.exports[entry.grade, producer_class]
    named, standing = standing_of(item, CertificateKind.ORIGIN_INSPECTION, view, facts, moment)
    held = [each for each in facts.exemptions if _concerns(each, item, view)]
    valid = [each for each in held if _in_force(each, moment) and each.number not in facts.suspended]
    check = facts.spot_checks.get(valid[0].number) if valid and standing is not Standing.COVERED else None
    return Supervision(
        item,
        entry,
        mode,
        producer_class,
        exemption=valid[0] if valid else None,
        spot_checked=check is not None and check.checked,
        lapsed_exemption=held[0] if held and not valid else None,
        origin_certificates=named,
        origin_standing=standing,
        awaits_producer=awaits,
    )


def _class_of(item: Item, facts: Facts) -> tuple[int, bool]:
    """Class of the producer, and whether a named one is not registered yet. No producer is the strictest class."""
    if not item.producer_identifier:
        return UNKNOWN_PRODUCER_CLASS, False
    known = facts.producer_classes.get(item.producer_identifier)
    return known or UNKNOWN_PRODUCER_CLASS, known is None


def _concerns(exemption: Exemption, item: Item, view: ConsignmentView) -> bool:
    holder = exemption.holder_identifier in (view.trader_identifier, item.producer_identifier)
    return holder and item.code.startswith(exemption.commodity_prefixes)


def _in_force(exemption: Exemption, moment: datetime) -> bool:
    end = exemption.valid_until_time
    return not exemption.revoked and (end is None or moment <= end)
