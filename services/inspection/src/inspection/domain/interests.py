"""Register entries whose change must be heard of by consignments already decided.

A finding names the fact it waits for. Beside that, goods that lean on a certificate must hear when it is revoked, and
goods that are supervised when an exemption or another class of their producer comes, and goods of a producer when they
are recalled, whatever their direction.
"""

from collections.abc import Iterable
from itertools import islice

from inspection.domain.concerned import supervised
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts

FactKey = tuple[str, str]

# A certificate may be revoked, and goods called back, that have left.
OUTLASTING = frozenset({"certificate", "producer"})
# Of an absurd number of certificates only the first are listened to.
MOST_CERTIFICATES = 64


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none where the catalogue lists none of its goods."""
    yield from (("certificate", number) for number in islice(facts.certificates, MOST_CERTIFICATES))
    if not facts.lists_any:
        return
    if looked_after := {item.producer_identifier for item, _ in supervised(view, facts)}:
        yield from (("exemption", holder) for holder in sorted({view.trader_identifier, *looked_after} - {""}))
    makers = {item.producer_identifier for item in view.items} - {""}
    yield from (("producer", maker) for maker in sorted(makers))
