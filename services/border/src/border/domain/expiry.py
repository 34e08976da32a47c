"""When a decision of border's ends by itself."""

from datetime import datetime

from border.domain.consignment import ConsignmentView, Direction
from border.domain.facts import Facts
from border.domain.rules.crew_and_permit import EXIT_PERMIT_VALIDITY


def expires(view: ConsignmentView, facts: Facts) -> datetime | None:
    """An export rests on an exit permit: it is decided again when that runs out, unless the ship has sailed."""
    permit = facts.permit
    if view.direction != Direction.EXPORT or permit is None or permit.revoked or permit.sail_time is not None:
        return None
    return permit.grant_time + EXIT_PERMIT_VALIDITY
