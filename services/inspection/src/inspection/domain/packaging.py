"""Packages of natural wood that come from where wood carries pests."""

from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Facts
from inspection.domain.reference import Reference


def is_wooden(item: Item, reference: Reference) -> bool:
    """Whether any package of the item is of natural wood."""
    return not reference.wood.package_codes.isdisjoint(item.package_codes)


def untreated_wood(view: ConsignmentView, facts: Facts) -> list[Item]:
    """Items of an import in packages of natural wood from a listed origin, whatever certifies them."""
    if not view.is_import:
        return []
    origins = facts.reference.wood.origins
    return [
        item
        for item in view.items
        if is_wooden(item, facts.reference)
        and (item.origin_country_code in origins or view.dispatch_country_code in origins)
    ]
