"""Goods on their way from the run's district to its partners, under customs control, from declaration to discharge."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from clearance.district.v1.movement_pb2 import SEAL_STATE_INTACT, UnloadingRemarks
from clearance.gateway.v1.transit_service_pb2 import DecideDepartureRequest, Movement, ReleaseTerms
from tongguan.as_of import this_hour
from tongguan.endpoints import write_atomically
from tongguan.entering import entering
from tongguan.facts import dump_line
from tongguan.failures import Failure, Refused, Unavailable
from tongguan.hints import again
from tongguan.lodging.movements import declare_all, read_movements
from tongguan.lodging.outcome import Result
from tongguan.movements import Movements
from tongguan.progress import Progress, progress
from tongguan.report.movements import movement_row, movements_table
from tongguan.running.telling import tell_errors
from tongguan.sample.generation import DEFAULT_BROKER
from tongguan.sample.movements import generate_movements
from tongguan.session import Session
from tongguan.stack.layout import PARTNERS, Layout
from tongguan.stack.up import Stack

CONCURRENCY = 4
DISCHARGED = "discharged"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0


def partner_layouts(layout: Layout, names: Sequence[str]) -> list[Layout]:
    """State folders of partners, inside the run's, where they are found by name from then on."""
    layout.make_folders()
    write_atomically(layout.folder / PARTNERS, "\n".join(names) + "\n")
    return [Layout(layout.folder / name, name) for name in names]


@contextmanager
def coming_up(stacks: Sequence[Stack]) -> Iterator[Future[None]]:
    """Starts them in the background; what was begun is ended before anybody stops it."""

    def come_up() -> None:
        for stack in stacks:
            stack.launch()
        for stack in stacks:
            stack.wait(quietly=True)

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(come_up)


def move(session: Session, there: Mapping[str, Session], count: int, seed: int, end: float) -> bool:
    """Moves goods to all partners and shows how they stand in the end; True when every movement was discharged."""
    made = generate_movements(count, seed, this_hour(), DEFAULT_BROKER, tuple(there))
    declared: list[Movement] = []

    def told(_line: int, result: Result) -> None:
        if isinstance(result, Movement):
            declared.append(result)

    broker = Movements(session.peer("gateway", "broker"))
    with progress(session.output) as bars:
        outcome = declare_all(
            entering(session.officer("customs")),
            broker.declare,
            read_movements(map(dump_line, made)),
            CONCURRENCY,
            bars,
            told,
        )
        journeys = _Journeys(session, there, end)
        moved = journeys.all(declared, bars)
    _show(session, moved)
    tell_errors(session.output, outcome)
    for mrn, failure in journeys.failures.items():
        session.output.note(f"{mrn}: {failure.message}", style="red")
    return not outcome.errors and all(each.state == Movement.STATE_DISCHARGED for each in moved)


def _show(session: Session, moved: Sequence[Movement]) -> None:
    table = movements_table()
    table.title = "Movements in transit"
    for movement in moved:
        session.output.item(movement)
        table.add_row(*movement_row(movement))
    session.output.show("", table)
    if moved:
        session.output.show(f"Look at one: {again(session.layout.folder, 'transit', 'show', moved[0].mrn)}")


class _Journeys:
    """Every step of every movement, by the officers of both sides."""

    def __init__(self, session: Session, there: Mapping[str, Session], end: float) -> None:
        self._own = Movements(session.peer("gateway", "officer-customs"))
        self._there = {name: Movements(each.peer("gateway", "officer-customs")) for name, each in there.items()}
        self._end = end
        self.failures: dict[str, Failure] = {}

    def all(self, movements: Sequence[Movement], bars: Progress) -> list[Movement]:
        """The movements as they stand in the end."""
        bars.begin(DISCHARGED, len(movements))

        def one(movement: Movement) -> Movement:
            try:
                self._carry(movement)
            except Failure as failure:
                self.failures[movement.mrn] = failure
            bars.advance(DISCHARGED, 1)
            return self._own.get(movement.mrn)

        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return list(pool.map(one, movements))

    def _carry(self, movement: Movement) -> None:
        mrn, there = movement.mrn, self._there[movement.other_district]
        terms = ReleaseTerms(seal_numbers=[f"NB-{mrn[8:14]}"], control_result_code="A1")
        self._own.decide(mrn, DecideDepartureRequest.DECISION_RELEASE, terms)
        self._wait(lambda: _known(there, mrn))
        there.arrive(mrn, movement.destination_office_code, SEAL_STATE_INTACT, None)
        there.unload(mrn)
        remarks = UnloadingRemarks(conform=True, seal_state=SEAL_STATE_INTACT)
        remarks.unload_time.GetCurrentTime()
        there.remark(mrn, remarks)
        self._wait(lambda: self._own.get(mrn).state == Movement.STATE_DISCHARGED)

    def _wait(self, done: Callable[[], bool]) -> None:
        """Asks until it is true; raises Unavailable when the run's time is over."""
        pause = FIRST_PAUSE_SECONDS
        while not done():
            if (left := self._end - time.monotonic()) <= 0:
                raise Unavailable("the other side has not answered in time", "see whether it runs")
            time.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _known(there: Movements, mrn: str) -> bool:
    try:
        return bool(there.get(mrn, Movement.SIDE_DESTINATION).mrn)
    except Refused:  # NOT_FOUND: its announcement is on its way
        return False
