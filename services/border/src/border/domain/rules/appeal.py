"""When a refusal of border's may be appealed against. Asked when an appeal is lodged, and never of a consignment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule

_NO_CIRCUMSTANCES = cast(Circumstances, None)


@dataclass(frozen=True, slots=True)
class Contested:
    """The newest decision on a clearance, and the appeal that comes now."""

    clearance_number: str
    verdict: Verdict
    decide_time: datetime
    # Whether there is an appeal against this very decision.
    appealed: bool


@dataclass(frozen=True, slots=True)
class Term:
    """The moment, and how long one may appeal."""

    now: datetime
    days: int = 15


@rule(
    id="BOR-341",
    version=1,
    zh="{clearance_number} 的边检结论为 {state},无可申诉",
    en="Border's decision on {clearance_number} is {state}: there is nothing to appeal against",
    enough_zh="边检作出的不予许可决定",
    enough_en="A refusal by border",
    source="Appeals against refusals; default of this agency",
)
def something_is_refused(self: Rule, view: Contested, facts: Term, circumstances: object) -> Iterable[Finding]:
    if view.verdict is not Verdict.REFUSED:
        parameters = {"clearance_number": view.clearance_number, "state": view.verdict.name}
        yield self.finding(Verdict.REFUSED, parameters=parameters)


@rule(
    id="BOR-342",
    version=1,
    zh="对 {clearance_number} 的决定已有申诉",
    en="There is an appeal against the decision on {clearance_number} already ({state})",
    enough_zh="等待申诉决定",
    enough_en="The decision of that appeal",
    source="One appeal against one decision; default of this agency",
)
def not_yet_appealed(self: Rule, view: Contested, facts: Term, circumstances: object) -> Iterable[Finding]:
    if view.appealed:
        parameters = {"clearance_number": view.clearance_number, "state": "APPEALED"}
        yield self.finding(Verdict.REFUSED, parameters=parameters)


@rule(
    id="BOR-343",
    version=1,
    zh="{clearance_number} 的申诉期已于 {until_time} 届满",
    en="The refusal of {clearance_number} could be appealed against until {until_time}",
    enough_zh="自决定之日起十五日内申诉",
    enough_en="An appeal within 15 days of the refusal",
    source="Appeals within 15 days; setting appeal_days",
)
def in_time(self: Rule, view: Contested, facts: Term, circumstances: object) -> Iterable[Finding]:
    until = view.decide_time + timedelta(days=facts.days)
    if facts.now > until:
        parameters = {"clearance_number": view.clearance_number, "until_time": f"{until:%Y-%m-%dT%H:%MZ}"}
        yield self.finding(Verdict.REFUSED, parameters=parameters)


APPEAL_RULES: tuple[Rule, ...] = (something_is_refused, not_yet_appealed, in_time)


def why_not(view: Contested, term: Term) -> Finding | None:
    """The first rule's finding, or None: the appeal is taken."""
    return next((finding for each in APPEAL_RULES for finding in each(view, term, _NO_CIRCUMSTANCES)), None)
