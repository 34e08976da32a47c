"""Goods leave the port: what that makes of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.case import Case
from gateway.domain.closing import after_leaving
from gateway.domain.decision import Standing
from gateway.domain.identifiers import Micros
from gateway.domain.states import RELEASING, State, moved
from gateway.domain.waiting import waiting


class Way(IntEnum):
    """Numbers are the contract's (clearance.port.v1.GateOut.Way)."""

    GATE = 1
    LOADING = 2


@dataclass(frozen=True, slots=True)
class Exit:
    """One container, or the loose goods of a case, as the port recorded that it left."""

    number: str
    # Place in the port's list of all.
    position: int
    version: int
    order_number: int
    # Empty for loose and air cargo.
    container: str
    way: int
    exit_time: Micros
    # Whether with it the last of the goods have left.
    last: bool

    @property
    def subject(self) -> str:
        """Which one of the port's list."""
        return str(self.position)


# Imports are collected (提货), exports have departed (离境).
LEFT_BY = {Way.GATE: State.COLLECTED, Way.LOADING: State.DEPARTED}
# From these goods may have left: a stop order may have crossed them at the gate.
MAY_LEAVE = RELEASING | {State.RELEASE_STOPPED}


def leave(case: Case, exit: Exit, found: Mapping[str, Standing], now: Micros) -> Case:
    """The case after an exit: ended by the last one, and closed by it too where nothing is open."""
    ends = exit.last and case.state in MAY_LEAVE
    after = case.changed(state=moved(case.state, LEFT_BY[Way(exit.way)]) if ends else case.state)
    after.out = tuple(dict.fromkeys((*case.out, exit.container)))
    after.recovered = tuple([each for each in case.recovered if each != exit.container])
    if ends:
        after.state = moved(after.state, after_leaving(after, found))
    if after.state is State.CLOSED and case.state is not State.CLOSED:
        after.order_number = case.order_number + 1
    after.part = None if ends else case.part
    after.waiting = waiting(after, found, now)
    after.etag, after.update_time = case.etag + 1, now
    return after
