"""A clearance between districts: as the owning one may show it, and as the asking one tells it to its caller."""

from typing import Any

from clearance.district.v1.shown_clearance_pb2 import ShownClearance, ShownStanding
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance

# Fields of one name and type in both.
_HEAD = ("number", "broker", "reference", "version", "trace_id", "direction", "mode")
_PARTS = ("consignment", "create_time", "update_time", "release_time", "released_scope")
_STANDING = ("decision", "ask_time", "record_time", "park_time")
_STATE = "STATE_"


def all_of(case: Clearance) -> ShownClearance:
    """All that could be shown."""
    told = ShownClearance(state=Clearance.State.Name(case.state).removeprefix(_STATE), waiting=case.waiting)
    _copy(case, told)
    for standing in case.agencies:
        _copy_parts(standing, told.agencies.add(agency=standing.agency, required=standing.required), _STANDING)
    told.orders.extend(each.order for each in case.orders)
    return told


def as_clearance(told: ShownClearance, number: str, district: str) -> Clearance:
    """What that district shows of this number. A state that this version does not know is told as none."""
    state = f"{_STATE}{told.state}"
    known = Clearance.State.Value(state) if state in Clearance.State.keys() else Clearance.STATE_UNSPECIFIED  # noqa: SIM118
    case = Clearance(state=known, waiting=told.waiting)
    _copy(told, case)
    for standing in told.agencies:
        _copy_parts(standing, case.agencies.add(agency=standing.agency, required=standing.required), _STANDING)
    for order in told.orders:
        case.orders.add(order=order)
    case.number, case.shown_by_district = number, district
    return case


def _copy(source: Clearance | ShownClearance, to: Clearance | ShownClearance) -> None:
    for name in _HEAD:
        setattr(to, name, getattr(source, name))
    _copy_parts(source, to, _PARTS)


def _copy_parts(
    source: Clearance | ShownClearance | AgencyStanding | ShownStanding,
    to: Clearance | ShownClearance | AgencyStanding | ShownStanding,
    names: tuple[Any, ...],
) -> None:
    for name in names:
        if source.HasField(name):
            getattr(to, name).CopyFrom(getattr(source, name))
