"""Under which keys news about goods reaches the consignments it concerns.

A finding names the fact it waits for. Beside that, a consignment that was already decided must hear when its manifest
is corrected or a hold is placed on it; these are the keys for it.
"""

from collections.abc import Iterable

from port.domain.consignment import ConsignmentView, DeclarationType
from port.domain.facts import Facts
from port.domain.rules.remit import subject

FactKey = tuple[str, str]
# Of boxes that several share the gate asks whose goods lie in them, those of closed clearances too.
OUTLASTING = frozenset({"goods"})


def about_goods(number: str) -> FactKey:
    """Anything new about a transport document (its manifest, tally, a hold) or a container (a hold)."""
    return ("goods", number)


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment.

    Outside the remit that is its document alone: a manifest may list the same for a box, whatever the declaration says.
    What was released before lies in no box any more.
    """
    numbers = {view.document}
    if subject(view, facts) is None:
        numbers.update(view.containers, facts.manifest.containers if facts.manifest else ())
    elif view.declaration_type == DeclarationType.SUPPLEMENTARY:
        return ()
    return {about_goods(number) for number in numbers if number}
