"""Why goods may not be released by hand: each rule in turn, the first that finds something answers.

The order: whether the case is one of this district alone, what agencies have said, what the order says, what the
published table allows, whether anything would go.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agencykit.rules import Verdict
from gateway.domain.advance import released_scope
from gateway.domain.case import SURE, AskState, Case
from gateway.domain.commitment import Journey
from gateway.domain.decision import YES, Decision, Standing
from gateway.domain.identifiers import Micros
from gateway.domain.manual import Manual
from gateway.domain.scope import NOTHING, Scope

MINUTE = 60_000_000
# It was asked, and no answer is there.
_ASKED = frozenset({AskState.PUT, AskState.PARKED, AskState.SET_ASIDE})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why goods may be released by hand, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """The published table of what a manual order may stand in for, and what never."""

    version: str
    # Agency -> for how many minutes at least it has been asked and has not answered.
    after_minutes: Mapping[str, int]
    never_commodities: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def reason_codes(self) -> frozenset[str]:
        """The codes that an order may give."""
        return frozenset(reason.code for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Goods:
    """What the rules read of a consignment."""

    journey: Journey
    items: frozenset[int]
    containers: frozenset[str]


class Flaw(NamedTuple):
    """Why not; `agency` is whom it is about, if anybody."""

    agency: str
    why: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that is known of a case when officers want to release it. `decisions` are of every version."""

    case: Case
    found: Mapping[str, Standing]
    decisions: Sequence[Decision]
    # Agencies of which something has come and is not recorded yet.
    unread: Collection[str]
    goods: Goods
    now: Micros


def why_not(manual: Manual, known: Circumstances, table: Overrides) -> Flaw | None:
    """The first flaw; None where it may be ordered."""
    return next(_flaws(manual, known, table), None)


def _flaws(manual: Manual, known: Circumstances, table: Overrides) -> Iterator[Flaw]:
    case = known.case
    if case.policy.verified_at or case.policy.declared_at:
        yield Flaw("", "another district has a part in it")
    yield from _decided(known)
    yield from _named(manual, known)
    for agency in manual.absent:
        yield from _replaceable(agency, known, table)
    yield from _goods(manual.scope, known.goods, table)
    if released_scope(case.changed(manual=manual), known.found) == NOTHING:
        yield Flaw("", "nothing of it would go: it is being withdrawn, or agencies have approved other parts")


def _decided(known: Circumstances) -> Iterator[Flaw]:
    """Nobody overrides what an agency has said, though it be that it has not decided yet."""
    for agency in known.case.policy.required:
        standing = known.found[agency]
        if agency in known.unread:
            yield Flaw(agency, f"{agency} has just decided: it is being recorded")
        elif standing.conflict:
            yield Flaw(agency, f"{agency} has decided twice under one revision")
        elif standing.decision is not None and standing.decision.verdict not in YES:
            verdict = Verdict(standing.decision.verdict).name
            yield Flaw(agency, f"{agency} has answered {verdict}, which nobody overrides")
        elif standing.covered and known.case.surety not in SURE:
            yield Flaw(agency, f"{agency} agrees on a guarantee only, which is not confirmed")


def _named(manual: Manual, known: Circumstances) -> Iterator[Flaw]:
    """The officers know exactly whose answer is missing."""
    missing = {agency for agency in known.case.policy.required if known.found[agency].decision is None}
    if not missing:
        yield Flaw("", "every required agency has answered")
    if missing != set(manual.absent):
        yield Flaw("", f"without an answer are {', '.join(sorted(missing))}")


def _replaceable(agency: str, known: Circumstances, table: Overrides) -> Iterator[Flaw]:
    if agency not in table.after_minutes:
        yield Flaw(agency, f"nobody ever stands in for {agency}")
        return
    before = _newest(agency, known.decisions)
    if before is not None and before.verdict not in YES:
        verdict = Verdict(before.verdict).name
        yield Flaw(agency, f"{agency} has answered {verdict} to version {before.version}, which nobody overrides")
    ask = known.case.asked(agency)
    minutes = table.after_minutes[agency]
    if ask is None or ask.state not in _ASKED or known.now < ask.ask_time + minutes * MINUTE:
        yield Flaw(agency, f"{agency} has not been asked for {minutes} minutes yet")


def _newest(agency: str, decisions: Iterable[Decision]) -> Decision | None:
    """What it said last, of whatever version: an amendment makes nobody forget a no."""
    own = [each for each in decisions if each.agency == agency]
    return max(own, key=lambda each: (each.version, each.revision), default=None)


def _goods(scope: Scope | None, goods: Goods, table: Overrides) -> Iterator[Flaw]:
    """Goods under control stay, whichever part of the consignment is meant: which item lies where is not looked at."""
    for code in goods.journey.commodities:
        if code.startswith(table.never_commodities):
            yield Flaw("", "goods of its commodities are never released by hand")
    if scope is not None and not (scope.items <= goods.items and scope.containers <= goods.containers):
        yield Flaw("", "it names goods that are not in the consignment")
