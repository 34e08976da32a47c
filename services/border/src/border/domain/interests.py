"""Under which keys news about a call, or about somebody watched for, reaches the consignments it concerns.

A finding names the fact it waits for. Beside that, a consignment that was already decided must hear when its permit is
revoked or when somebody it depends on comes under watch; these are the keys for it.
"""

from collections.abc import Iterable

from border.domain.consignment import ConsignmentView
from border.domain.facts import Facts
from border.domain.identifiers import look_alike
from border.domain.rules.remit import subject

FactKey = tuple[str, str]
# Somebody may come under watch whose goods have left.
OUTLASTING = frozenset({"watched"})


def about_call(call: str) -> FactKey:
    """Anything new about a call: announcement, crew list, permit, a crew member watched for."""
    return ("call", call)


def about_watched(look: str) -> FactKey:
    """A conveyance or party, by its look-alike form, entered on the watch list or lifted from it."""
    return ("watched", look)


def interests(view: ConsignmentView, facts: Facts) -> Iterable[FactKey]:
    """The keys that concern a consignment; none where it is outside the remit."""
    if subject(view, facts) is not None:
        return ()
    keys = {about_watched(look_alike(party)) for party in view.parties}
    if view.conveyance:
        keys |= {about_call(view.call), about_watched(look_alike(view.conveyance))}
    return keys
