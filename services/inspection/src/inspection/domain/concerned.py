"""Which items inspection concerns itself with, and in what way."""

from collections.abc import Sequence

from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Facts
from inspection.domain.reference import CertificateKind, Entry, Quarantine


def supervised(view: ConsignmentView, facts: Facts) -> Sequence[tuple[Item, Entry]]:
    """The listed items that supervision concerns: every export, and imports that no quarantine looks at."""
    if not facts.lists_any:
        return ()
    return [
        (item, commodity.entry)
        for item, commodity in zip(view.items, facts.commodities, strict=True)
        if commodity.entry and (not view.is_import or commodity.entry.quarantine is Quarantine.NONE)
    ]


def certified(view: ConsignmentView, facts: Facts) -> Sequence[tuple[Item, CertificateKind]]:
    """The items of an import that must bring a certificate, and of what kind."""
    if not (view.is_import and facts.lists_any):
        return ()
    return [
        (item, commodity.entry.certificate)
        for item, commodity in zip(view.items, facts.commodities, strict=True)
        if commodity.entry and commodity.entry.certificate
    ]
