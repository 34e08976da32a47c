"""The watch list. A finding names the entry, never the person: border's officers look the entry up."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView
from border.domain.facts import Facts, Hit

_SOURCE = "Watch list kept by border; a look-alike is a number equal but for letters and digits easily confused"


@rule(
    id="BOR-321",
    version=1,
    zh="运输工具 {call} 命中布控条目 {entry}({match})",
    en="Call {call} meets watch-list entry {entry} ({match})",
    enough_zh="边检人员审核后解除",
    enough_en="An officer of border clears it",
    source=_SOURCE,
)
def conveyance_not_watched(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    return _hits(self, view, facts.conveyance_hits) if facts.conveyance_hits else ()


@rule(
    id="BOR-322",
    version=1,
    zh="经 {call} 运输的当事人命中布控条目 {entry}({match})",
    en="A party to the goods carried by {call} meets watch-list entry {entry} ({match})",
    enough_zh="边检人员审核后解除",
    enough_en="An officer of border clears it",
    source=_SOURCE,
)
def parties_not_watched(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    return _hits(self, view, facts.party_hits) if facts.party_hits else ()


@rule(
    id="BOR-323",
    version=1,
    zh="运输工具 {call} 的船员(机组)命中布控条目 {entry}({match})",
    en="A member of the crew of call {call} meets watch-list entry {entry} ({match})",
    enough_zh="边检人员审核后解除",
    enough_en="An officer of border clears it",
    source=_SOURCE,
)
def crew_not_watched(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    return _hits(self, view, facts.crew_hits) if facts.crew_hits else ()


@rule(
    id="BOR-324",
    version=1,
    zh="运输工具 {call} 的旅客命中布控条目 {entry}({match})",
    en="A passenger of call {call} meets watch-list entry {entry} ({match})",
    enough_zh="边检人员审核后解除",
    enough_en="An officer of border clears it",
    source=_SOURCE,
)
def passengers_not_watched(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    return _hits(self, view, facts.passenger_hits) if facts.passenger_hits else ()


def _hits(self: Rule, view: ConsignmentView, hits: tuple[Hit, ...]) -> Iterable[Finding]:
    """An exact hit holds the goods for an officer; a look-alike has the conveyance or the goods looked at."""
    for hit in hits:
        yield self.finding(
            Verdict.HOLD if hit.exact else Verdict.EXAMINE,
            parameters={"call": view.call, "entry": hit.entry_id, "match": "exact" if hit.exact else "look-alike"},
        )
