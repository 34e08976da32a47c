"""Which event leads where on each side of a movement.

What a table does not hold is refused as out of sequence (NCTS error 92). An event that leaves the state as it is stands
in the table with the state itself.
"""

from collections.abc import Mapping

from gateway.domain.transit.states import Event, Side, State

Table = Mapping[State, Mapping[Event, State]]

# Released, and not known to have arrived: it may turn up anywhere.
_UNDER_WAY = {
    Event.ARRIVAL_ADVICE: State.ARRIVED,
    Event.RECORD_REQUEST: State.DIVERTED,
    Event.INVALIDATE: State.CANCELLING,
}


def _passing(state: State, leads: Mapping[Event, State]) -> Mapping[Event, State]:
    """A passage is noted, whenever it becomes known."""
    return {**leads, Event.PASSAGE: state}


_ON_TIME = {
    **_UNDER_WAY,
    Event.DIVERT: State.DIVERTED,
    Event.INCIDENT: State.INCIDENT,
    Event.TIME_LIMIT: State.OVERDUE,
}
DEPARTURE: Table = {
    State.UNKNOWN: {Event.DECLARE: State.SUBMITTED},
    State.SUBMITTED: {
        Event.PRESENT: State.MRN_ALLOCATED,
        Event.GUARANTEE_CONFIRMED: State.SUBMITTED,
        Event.GUARANTEE_REFUSED: State.SUBMITTED,
        Event.REFUSE: State.NOT_RELEASED,
        Event.CANCEL: State.CANCELLED,
    },
    State.MRN_ALLOCATED: {
        Event.GUARANTEE_CONFIRMED: State.MRN_ALLOCATED,
        Event.GUARANTEE_REFUSED: State.GUARANTEE_UNDER_AMENDMENT,
        Event.CONTROL: State.UNDER_CONTROL,
        Event.RELEASE: State.RELEASED,
        Event.REFUSE: State.NOT_RELEASED,
        Event.CANCEL: State.CANCELLED,
    },
    State.UNDER_CONTROL: {
        Event.AMEND_GUARANTEE: State.UNDER_CONTROL,
        Event.GUARANTEE_CONFIRMED: State.UNDER_CONTROL,
        Event.GUARANTEE_REFUSED: State.UNDER_CONTROL,
        Event.RELEASE: State.RELEASED,
        Event.REFUSE: State.NOT_RELEASED,
    },
    State.GUARANTEE_UNDER_AMENDMENT: {
        Event.AMEND_GUARANTEE: State.MRN_ALLOCATED,
        Event.CONTROL: State.UNDER_CONTROL,
        Event.REFUSE: State.NOT_RELEASED,
        Event.CANCEL: State.CANCELLED,
    },
    State.RELEASED: _passing(State.RELEASED, _ON_TIME),
    State.INCIDENT: _passing(State.INCIDENT, {**_ON_TIME, Event.SETTLE_INCIDENT: State.RELEASED}),
    State.DIVERTED: _passing(State.DIVERTED, _ON_TIME),
    State.OVERDUE: {
        **_UNDER_WAY,
        Event.PASSAGE: State.OVERDUE,
        Event.INCIDENT: State.OVERDUE,
        Event.REQUEST_STATUS: State.STATUS_REQUESTED,
    },
    State.STATUS_REQUESTED: {
        **_UNDER_WAY,
        Event.PASSAGE: State.STATUS_REQUESTED,
        Event.INCIDENT: State.STATUS_REQUESTED,
        Event.STATUS_ANSWER: State.STATUS_REQUESTED,
        Event.ENQUIRE: State.ENQUIRY,
    },
    State.ENQUIRY: {
        **_UNDER_WAY,
        Event.PASSAGE: State.ENQUIRY,
        Event.INCIDENT: State.ENQUIRY,
        Event.STATUS_ANSWER: State.ENQUIRY,
        Event.ENQUIRY_ANSWER: State.ENQUIRY,
        Event.REMIND: State.ENQUIRY,
        Event.RECOVER: State.RECOVERY,
        Event.SETTLE: State.DISCHARGED,
    },
    State.RECOVERY: {
        # It arrived after all: recorded, and the recovery goes on.
        Event.PASSAGE: State.RECOVERY,
        Event.ARRIVAL_ADVICE: State.RECOVERY,
        Event.CONFORM: State.RECOVERY,
        Event.DISCREPANT: State.RECOVERY,
        Event.STATUS_ANSWER: State.RECOVERY,
        Event.ENQUIRY_ANSWER: State.RECOVERY,
        Event.RECOVERED: State.DISCHARGED,
    },
    State.CANCELLING: {
        Event.ARRIVAL_ADVICE: State.ARRIVED,
        Event.RECORD_REQUEST: State.DIVERTED,
        Event.PASSAGE: State.CANCELLING,
        Event.NOT_PASSED: State.CANCELLING,
        Event.HAS_PASSED: State.RELEASED,
        Event.INCIDENT: State.CANCELLING,
        Event.STATUS_ANSWER: State.CANCELLING,
        Event.ENQUIRY_ANSWER: State.CANCELLING,
        Event.INVALIDATED: State.CANCELLED,
        Event.INVALIDATION_REFUSED: State.RELEASED,
    },
    State.ARRIVED: {
        Event.CONFORM: State.DISCHARGED,
        Event.DISCREPANT: State.DISCREPANCY,
        Event.PASSAGE: State.ARRIVED,
        Event.REQUEST_STATUS: State.ARRIVED,
        Event.STATUS_ANSWER: State.ARRIVED,
        Event.ENQUIRY_ANSWER: State.ARRIVED,
        Event.INVALIDATION_REFUSED: State.ARRIVED,
    },
    State.DISCREPANCY: {
        Event.SETTLE: State.DISCHARGED,
        Event.RECOVER: State.RECOVERY,
        Event.PASSAGE: State.DISCREPANCY,
        Event.STATUS_ANSWER: State.DISCREPANCY,
    },
    State.DISCHARGED: {},
    State.NOT_RELEASED: {},
    State.CANCELLED: {},
}

# What a destination is told, and takes note of, while it has a movement that is not at its end.
_NOTED = (Event.STATUS_REQUEST, Event.ENQUIRY, Event.RECOVERY, Event.ANSWER_ENQUIRY, Event.INCIDENT)


def _open(state: State, leads: Mapping[Event, State]) -> Mapping[Event, State]:
    return {**dict.fromkeys(_NOTED, state), Event.DISCHARGE: State.DISCHARGED, **leads}


# It is here: whatever was sent before that was known changes nothing.
_HERE = (Event.FORWARDED, Event.RECORD)
DESTINATION: Table = {
    State.UNKNOWN: {Event.ANTICIPATED: State.EXPECTED, Event.ARRIVE: State.RECORD_REQUESTED},
    State.EXPECTED: _open(
        State.EXPECTED,
        {
            Event.ANTICIPATED: State.EXPECTED,
            Event.ARRIVE: State.ARRIVED,
            Event.FORWARDED: State.DIVERTED,
            Event.INVALIDATION: State.CANCELLED,
        },
    ),
    State.RECORD_REQUESTED: _open(
        State.RECORD_REQUESTED,
        {
            Event.ANTICIPATED: State.ARRIVED,
            Event.RECORD: State.ARRIVED,
            Event.RECORD_REFUSED: State.RECORD_REFUSED,
            Event.FORWARDED: State.RECORD_REQUESTED,
        },
    ),
    State.RECORD_REFUSED: _open(
        State.RECORD_REFUSED, {Event.ANTICIPATED: State.EXPECTED, Event.ARRIVE: State.RECORD_REQUESTED}
    ),
    State.DIVERTED: _open(
        State.DIVERTED,
        {
            Event.ANTICIPATED: State.EXPECTED,
            Event.ARRIVE: State.RECORD_REQUESTED,
            Event.FORWARDED: State.DIVERTED,
            Event.INVALIDATION: State.CANCELLED,
        },
    ),
    State.ARRIVED: _open(
        State.ARRIVED, {**dict.fromkeys(_HERE, State.ARRIVED), Event.PERMIT_UNLOADING: State.UNLOADING}
    ),
    State.UNLOADING: _open(
        State.UNLOADING,
        {
            **dict.fromkeys(_HERE, State.UNLOADING),
            Event.REPORT_CONFORM: State.CONTROL_REPORTED,
            Event.REPORT_DISCREPANT: State.DISCREPANCY,
        },
    ),
    State.CONTROL_REPORTED: _open(State.CONTROL_REPORTED, dict.fromkeys(_HERE, State.CONTROL_REPORTED)),
    State.DISCREPANCY: _open(State.DISCREPANCY, dict.fromkeys(_HERE, State.DISCREPANCY)),
    State.DISCHARGED: {},
    State.CANCELLED: {},
}


def _to_pass(state: State) -> Mapping[Event, State]:
    return {
        Event.PASSAGE_ANTICIPATED: state,
        Event.PASS: State.PASSED,
        Event.INCIDENT: state,
        Event.DISCHARGE: State.DISCHARGED,
    }


TRANSIT: Table = {
    State.UNKNOWN: {Event.PASSAGE_ANTICIPATED: State.EXPECTED},
    State.EXPECTED: {**_to_pass(State.EXPECTED), Event.INVALIDATION: State.CANCELLING},
    # The departure has this side's word that nothing passed: nothing may, until it says what has become of it.
    State.CANCELLING: {
        Event.PASSAGE_ANTICIPATED: State.EXPECTED,
        Event.INCIDENT: State.CANCELLING,
        Event.INVALIDATION: State.CANCELLED,
    },
    State.PASSED: _to_pass(State.PASSED),
    State.DISCHARGED: {},
    State.CANCELLED: {},
}
TABLES = {Side.DEPARTURE: DEPARTURE, Side.DESTINATION: DESTINATION, Side.TRANSIT: TRANSIT}


def after(side: Side, state: State, event: Event) -> State | None:
    """The next state; None where the event is out of sequence."""
    return TABLES[side].get(state, {}).get(event)
