"""When a decision of border's ends by itself."""

from datetime import datetime

from border.domain.consignment import ConsignmentView, Direction
from border.domain.facts import Facts
from border.domain.rules.crew_and_permit import EXIT_PERMIT_VALIDITY
from border.domain.rules.entry import due_time
from border.domain.terms import end_of


def expires(view: ConsignmentView, facts: Facts) -> datetime | None:
    """When the exit permit of an export runs out and the ship has not sailed; when the entry of an import is due."""
    return due_time(facts) if view.direction == Direction.IMPORT else _exit_permit_ends(view, facts)


def _exit_permit_ends(view: ConsignmentView, facts: Facts) -> datetime | None:
    permit = facts.permit
    if view.direction != Direction.EXPORT or permit is None or permit.revoked or permit.sail_time is not None:
        return None
    return end_of(permit.grant_time, EXIT_PERMIT_VALIDITY)
