"""What happens to a movement by itself, at its departure, and when (NCTS time limits).

not arrived when the time limit ends     status request at once, enquiry 7 days later
enquiry without an answer                asked again after 28 days, 40 where fraud is suspected
not arrived                              recovery 7 months after the time limit
arrived, and no control result           status request after 6 days, and again
"""

from gateway.domain.identifiers import Micros
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, State

DAY = 24 * 3600 * 1_000_000
ENQUIRY_AFTER = 7 * DAY
ANSWER_WITHIN, ANSWER_WITHIN_FRAUD = 28 * DAY, 40 * DAY
# Seven months, as 30 days each.
RECOVERY_AFTER = 210 * DAY
RESULTS_WITHIN = 6 * DAY

_ON_TIME = frozenset({State.RELEASED, State.INCIDENT, State.DIVERTED})


def due_time(movement: Movement) -> Micros | None:
    """When something happens next; None: nothing does by itself."""
    began, limit = movement.wait_time or movement.update_time, movement.departure
    if limit is None:
        return None
    if movement.state is State.DIVERTED and movement.found:
        # Found already, whatever the time limit was; its arrival advice is on the way.
        return max(limit.limit_time, movement.update_time + RESULTS_WITHIN)
    if movement.state in _ON_TIME:
        return limit.limit_time
    if movement.state is State.OVERDUE:
        return movement.update_time
    if movement.state is State.STATUS_REQUESTED:
        return began + ENQUIRY_AFTER
    if movement.state is State.ENQUIRY:
        within = ANSWER_WITHIN_FRAUD if movement.fraud_suspected else ANSWER_WITHIN
        return min(began + within, max(limit.limit_time + RECOVERY_AFTER, began))
    return began + RESULTS_WITHIN if movement.state is State.ARRIVED else None


def due_event(movement: Movement, now: Micros) -> Event | None:
    """What happens now; None where it is not yet time."""
    due = due_time(movement)
    if due is None or due > now or movement.departure is None:
        return None
    if movement.state in _ON_TIME:
        return Event.TIME_LIMIT
    if movement.state is State.ENQUIRY:
        return Event.RECOVER if movement.departure.limit_time + RECOVERY_AFTER <= now else Event.REMIND
    return Event.ENQUIRE if movement.state is State.STATUS_REQUESTED else Event.REQUEST_STATUS
