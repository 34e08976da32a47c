"""A movement between districts: as its departure may show it, and as the asking gateway tells it to its caller."""

from clearance.district.v1.shown_movement_pb2 import ShownMovement
from clearance.gateway.v1.transit_service_pb2 import Movement

# Fields of one name and type in both.
_PLAIN = ("mrn", "lrn", "other_district", "destination_office_code", "declarant", "conflict", "trace_id")
_PARTS = ("declaration", "departure", "arrival", "remarks", "due_time", "create_time", "update_time")
_STATE = "STATE_"


def all_of(movement: Movement) -> ShownMovement:
    """All that could be shown."""
    told = ShownMovement(state=Movement.State.Name(movement.state).removeprefix(_STATE))
    _copy(movement, told)
    return told


def as_movement(told: ShownMovement, mrn: str, district: str) -> Movement:
    """What that district shows of this number. A state that this version does not know is told as none."""
    state = f"{_STATE}{told.state}"
    known = Movement.State.Value(state) if state in Movement.State.keys() else Movement.STATE_UNSPECIFIED  # noqa: SIM118
    movement = Movement(state=known, side=Movement.SIDE_DEPARTURE)
    _copy(told, movement)
    movement.mrn, movement.shown_by_district = mrn, district
    return movement


def _copy(source: Movement | ShownMovement, to: Movement | ShownMovement) -> None:
    for name in _PLAIN:
        setattr(to, name, getattr(source, name))
    for name in _PARTS:
        if source.HasField(name):  # type: ignore[arg-type]  # both have each
            getattr(to, name).CopyFrom(getattr(source, name))
