"""Who held a case when: worked out when it is read, from what is recorded of its way anyway."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.domain.attribution import BROKER, CARRIER, OUTAGE, PARTIES, TRADER, Hold
from gateway.domain.decision import Decision, standings
from gateway.domain.identifiers import Micros
from gateway.domain.policy import needed
from gateway.domain.states import RELEASED, State
from gateway.domain.waiting import WAITING_STATES, named

EXPORT = "export"
# From a moment until another; None: until now.
Period = tuple[Micros, Micros | None]


@dataclass(frozen=True, slots=True)
class VersionPut:
    """A version as it was put before the agencies, with those whose approval it required."""

    version: int
    time: Micros
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """An agency's service did not answer from `begin` on; `end` where a person was called to look."""

    agency: str
    begin: Micros
    end: Micros | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All that is recorded of one case with its time; moments in the order in which they were recorded."""

    # `import` or `export`
    direction: str
    asked: Collection[str]
    depends_on: Mapping[str, tuple[str, ...]]
    versions: Sequence[VersionPut]
    # Counted ones only, each with the moment at which the gateway recorded it.
    decisions: Sequence[Decision]
    # Every state reached, from RECEIVED on.
    states: Sequence[tuple[Micros, State]]
    silences: Sequence[Silence] = ()
    # Agencies whose answer to the newest withdrawal is still to come, and since when.
    withdrawing: Sequence[tuple[str, Micros]] = ()

    @property
    def state(self) -> State:
        """The last one reached."""
        return self.states[-1][1]

    def periods(self, wanted: Collection[State]) -> list[Period]:
        """From when until when the case was in one of these states."""
        ends = [*(moment for moment, _ in self.states[1:]), None]
        return [(begin, end) for (begin, state), end in zip(self.states, ends, strict=True) if state in wanted]


def holds(history: History) -> list[Hold]:
    """Who had the case when.

    Before release an agency has it until it has decided, and then whoever its decision waits for. Released goods wait
    for the trader to collect them, or for the carrier to load them; a refused case for the trader's amendment, and one
    whose guarantee was refused for the broker too.
    """
    collecting = CARRIER if history.direction == EXPORT else TRADER
    return [
        *_within(_before_release(history), history.periods(WAITING_STATES)),
        *(Hold(agency, since) for agency, since in history.withdrawing),
        *(Hold(collecting, *period) for period in history.periods(RELEASED)),
        *(Hold(TRADER, *period) for period in history.periods({State.REFUSED})),
        *(Hold(BROKER, *period) for period in history.periods({State.GUARANTEE_AMENDMENT})),
    ]


def _before_release(history: History) -> Iterator[Hold]:
    """For each version the holds of every agency that it required, until the next version took its place.

    An agency that is merely asked before one of these holds the case until it has decided, and no longer.
    """
    ends = [*(put.time for put in history.versions[1:]), None]
    for put, end in zip(history.versions, ends, strict=True):
        own = [each for each in history.decisions if each.version == put.version]
        for agency in put.required:
            yield from _within(_of_agency(agency, put, own, history), [(put.time, end)])
        for agency in sorted(needed(put.required, history.depends_on).difference(put.required)):
            yield from _within(_first_of_agency(agency, put, own, history), [(put.time, end)])


def _of_agency(agency: str, put: VersionPut, decisions: Sequence[Decision], history: History) -> Iterator[Hold]:
    """One agency on one version: silent, then whatever its decisions so far wait for."""
    yield from _first_of_agency(agency, put, decisions, history)
    own = [each for each in decisions if each.agency == agency]
    moments: list[Micros | None] = [*sorted({each.record_time for each in own}), None]
    for moment, following in pairwise(moments):
        known = [each for each in own if moment is not None and each.record_time <= moment]
        for holder in _waited_for(agency, put.version, known, history.asked):
            yield Hold(holder, moment or 0, following)


def _first_of_agency(agency: str, put: VersionPut, decisions: Sequence[Decision], history: History) -> Iterator[Hold]:
    """One agency on one version until its first decision."""
    asked = _asked(agency, put, decisions, history.depends_on)
    if asked is not None:
        first = min((each.record_time for each in decisions if each.agency == agency), default=None)
        yield from _silent(agency, (asked, first), history.silences)


def _asked(
    agency: str, put: VersionPut, decisions: Sequence[Decision], depends_on: Mapping[str, tuple[str, ...]]
) -> Micros | None:
    """When it could begin: with the version, or when the last of those it depends on had decided; None: not yet."""
    moments = [put.time]
    for other in depends_on.get(agency, ()):
        times = [each.record_time for each in decisions if each.agency == other]
        if not times:
            return None
        moments.append(min(times))
    return max(moments)


def _silent(agency: str, period: Period, silences: Iterable[Silence]) -> Iterator[Hold]:
    """Until its first decision the agency has the case; while its service does not answer, the outage has it."""
    away = [(each.begin, each.end) for each in silences if each.agency == agency]
    yield from _within([Hold(OUTAGE, *silence) for silence in away], [period])
    yield from _within([Hold(agency, *period)], _gaps(away, period[0]))


def _gaps(away: Sequence[Period], begin: Micros) -> Iterator[Period]:
    """From `begin` on, the time between these periods."""
    reached: Micros | None = begin
    for first, last in sorted(away, key=lambda period: period[0]):
        if reached is not None and reached < first:
            yield reached, first
        reached = None if last is None or reached is None else max(reached, last)
    if reached is not None:
        yield reached, None


def _waited_for(agency: str, version: int, known: Sequence[Decision], asked: Collection[str]) -> set[str]:
    """Whom an agency's decisions wait for. A party that the ledger has no column for is the agency's own concern."""
    standing = standings([agency], version, known)[agency]
    if standing.conflict or standing.decision is None:
        return {agency}
    if standing.yes:
        return set()
    parties = {wait.party for wait in named(agency, standing.decision)}
    return {party if party in PARTIES or party in asked else agency for party in parties}


def _within(held: Iterable[Hold], periods: Iterable[Period]) -> Iterator[Hold]:
    """What of the holds lies in these periods; what goes on through a period's end ends with it."""
    periods = list(periods)
    for hold in held:
        for begin, end in periods:
            first = max(hold.begin, begin)
            last = min((moment for moment in (hold.end, end) if moment is not None), default=None)
            if last is None or first < last:
                yield Hold(hold.holder, first, last)
