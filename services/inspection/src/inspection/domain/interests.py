"""Register entries whose change must be heard of by consignments already decided.

A finding names the fact it waits for. Beside that, goods that lean on a certificate must hear when it is revoked, and
goods that are to be inspected when an exemption or a better class of their producer comes.
"""

from collections.abc import Iterable

from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts

FactKey = tuple[str, str]


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none where the catalogue lists none of its goods."""
    yield from (("certificate", number) for number in facts.certificates)
    if not facts.lists_any:
        return
    producers = {item.producer_identifier for item in view.items} - {""}
    yield from (("exemption", holder) for holder in {view.trader_identifier, *producers} - {""})
    yield from (("producer", identifier) for identifier in producers)
