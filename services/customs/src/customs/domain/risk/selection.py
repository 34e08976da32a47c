"""Selection in its order: criteria, then the random minimum, then the fill to the expected rate.

What was selected stays selected: a later version adds what it meets, and takes nothing back. So an amendment cannot
shake an examination off, and officers' results stand beside what they were about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import scheme_of
from customs.domain.facts import Facts
from customs.domain.risk.draws import Draws, subject
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, RANDOM, RANDOM_VERSION, Criterion, Lane
from customs.domain.risk.snapshot import Snapshot, Stratum
from customs.domain.schemes import Effect

FILL = "FILL"
_AT_RANDOM = (RANDOM, RANDOM_VERSION)


class Way(IntEnum):
    """What became of a consignment in one stratum."""

    MET = 0
    """It met the criterion and was not drawn."""
    DRAWN = 1
    FILLED = 2
    """Not drawn, but taken to reach the expected rate."""


@dataclass(slots=True)
class Mark:
    """A consignment in one stratum. `draw` and `rate` in parts of a million; the draw is below the rate or not."""

    stratum: Stratum
    lane: Lane
    way: Way
    draw: int
    rate: int


class Station:
    """What all consignments of one profile and period share; the key is that of the period's day."""

    def __init__(self, matcher: Matcher, snapshot: Snapshot, key: bytes) -> None:
        self.matcher, self.profile, self.snapshot = matcher, matcher.profile, snapshot
        self.draws = Draws(key)
        self.fill_rates = snapshot.fill_rates(self.profile)
        self.rates = {one.id: snapshot.rate(one, self.profile) for one in self.profile.criteria}


@dataclass(slots=True)
class Risk:
    """What selection knows of one consignment beside view and facts: the station, and how it was marked before."""

    station: Station
    standing: Mapping[Stratum, Mark] = field(default_factory=dict)
    is_first: bool = True
    """Whether this is the first version; only it is drawn at random and filled."""


@dataclass(slots=True)
class Selection:
    """The outcome. `added` are the marks that did not stand before; `random_draw` is None where none was made."""

    lane: Lane
    marks: tuple[Mark, ...] = ()
    added: tuple[Mark, ...] = ()
    random_draw: int | None = None
    fillable: bool = True
    """Whether it may be taken to reach the expected rate."""

    @property
    def reasons(self) -> tuple[Mark, ...]:
        """The marks that made the lane."""
        return tuple([mark for mark in self.marks if mark.way and _lane(mark) == self.lane])

    @property
    def candidate(self) -> Lane | None:
        """The gravest lane of the criteria met by what was not drawn red and may be filled; None for others."""
        if not self.fillable:
            return None
        drawn_red = any(mark.way is Way.DRAWN and mark.lane is Lane.RED for mark in self.marks)
        return None if drawn_red or not self.marks else max(mark.lane for mark in self.marks)


NOTHING = Selection(Lane.GREEN)


def selected(view: ConsignmentView, facts: Facts, moment: datetime) -> Selection:
    """The selection of one consignment, made once. `moment` is when its version was accepted."""
    if facts.selection is None:
        facts.selection = NOTHING if facts.risk is None else select(view, facts, facts.risk, moment)
    return facts.selection


def select(view: ConsignmentView, facts: Facts, risk: Risk, moment: datetime) -> Selection:
    """Selects one consignment."""
    station, standing = risk.station, risk.standing
    drawn_for = subject(view.broker_licence, view.reference, view.transport_document_number)
    met = station.matcher.met(view, facts, moment)
    scheme = scheme_of(Effect.RELIEF, view, facts, moment) if met else None
    part = station.profile.relief.get(scheme, MILLION)
    added = [_met(station, drawn_for, criterion, part) for criterion in met]
    if standing:
        added = [mark for mark in added if mark.stratum not in standing]
    random_draw = None
    if risk.is_first:
        random_draw, rate = station.draws.draw(RANDOM, drawn_for), station.profile.random_rate
        if random_draw < rate and _AT_RANDOM not in standing:
            added.append(Mark(_AT_RANDOM, Lane.RED, Way.DRAWN, random_draw, rate))
        if added and not standing and part:
            added = _filled(station, drawn_for, added)
    if not added and not standing:
        return Selection(Lane.GREEN, (), (), random_draw)
    marks = (*standing.values(), *added)
    return Selection(lane_of(marks), marks, tuple(added), random_draw, fillable=bool(part))


def lane_of(marks: Iterable[Mark]) -> Lane:
    """The gravest lane to which marks that selected lead."""
    return max([_lane(mark) for mark in marks if mark.way], default=Lane.GREEN)


def _lane(mark: Mark) -> Lane:
    """Where the mark leads: whatever it met, what fills the expected rate is examined."""
    return Lane.RED if mark.way is Way.FILLED else mark.lane


def _met(station: Station, drawn_for: str, criterion: Criterion, part: int) -> Mark:
    """`part` of the criterion's rate is what a scheme leaves of it, in parts of a million."""
    drawn, rate = station.draws.draw(criterion.id, drawn_for), station.rates[criterion.id] * part // MILLION
    way = Way.DRAWN if drawn < rate else Way.MET
    return Mark((criterion.id, criterion.version), criterion.lane, way, drawn, rate)


def _filled(station: Station, drawn_for: str, marks: list[Mark]) -> list[Mark]:
    """The marks, the first of the gravest lane filled if the draw of the fill says so."""
    candidate = Selection(Lane.GREEN, tuple(marks)).candidate
    rate = station.fill_rates.get(candidate, 0) if candidate else 0
    drawn = station.draws.draw(FILL, drawn_for) if rate else 0
    if drawn >= rate:
        return marks
    place = next(index for index, mark in enumerate(marks) if mark.lane is candidate)
    filled = Mark(marks[place].stratum, marks[place].lane, Way.FILLED, drawn, rate)
    return [*marks[:place], filled, *marks[place + 1 :]]
