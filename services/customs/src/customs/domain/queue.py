"""The scanner's queue: who comes next, and about when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from customs.domain.consignment import ConsignmentView
from customs.domain.reference import Examining

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Containers of one clearance that wait for the scanner. `taken`: an officer has them before him."""

    work_id: str
    clearance_number: str
    container_numbers: tuple[str, ...]
    since: datetime
    taken: bool
    view: ConsignmentView


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue, from 1; `ahead` counts the containers before it, `expected` when they are done."""

    position: int
    waiting: Waiting
    ahead: int
    expected: datetime


def _perishable(one: Waiting, examining: Examining) -> bool:
    """Perishable goods first."""
    return not any(item.code.startswith(examining.perishable_prefixes) for item in one.view.items)


def _loading(one: Waiting, examining: Examining) -> datetime:
    """The soonest loading first; imports and exports without a time after them."""
    return one.view.loading_time or _NEVER if not one.view.is_import else _NEVER


def _since(one: Waiting, examining: Examining) -> datetime:
    """Who has waited longest first."""
    return one.since


ORDERS: Mapping[str, Callable[[Waiting, Examining], Any]] = {
    "perishable": _perishable,
    "loading": _loading,
    "waiting": _since,
}


def places(queue: Iterable[Waiting], examining: Examining, now: datetime) -> list[Place]:
    """The queue in order: what is before an officer, then by the order that is set, at last by clearance number."""
    keys = [ORDERS[name] for name in examining.order]
    ordered = sorted(
        queue, key=lambda one: (not one.taken, *(key(one, examining) for key in keys), one.clearance_number)
    )
    found, ahead = [], 0
    for position, one in enumerate(ordered, start=1):
        found.append(Place(position, one, ahead, now + timedelta(hours=ahead / examining.images_per_hour)))
        ahead += len(one.container_numbers)
    return found
