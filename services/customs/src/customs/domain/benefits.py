"""What became of each scheme that a consignment is entitled to: what its decision tells of it, and how it then stands.

Most decisions are about none or one that does not bear upon them, and that must cost next to nothing.
"""

from collections.abc import Callable, Mapping
from enum import Enum

from agencykit.rules import Circumstances, Outcome, Verdict
from customs.domain.calendar import day_in_china
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import declared_ahead, entitled
from customs.domain.facts import Facts
from customs.domain.risk.profile import Lane
from customs.domain.risk.selection import Selection, selected
from customs.domain.schemes import Effect, Scheme
from customs.domain.verification import Part, part_of
from customs.domain.wording import listed

DELIVERED = ""
SETTLED = frozenset({Verdict.APPROVED, Verdict.APPROVED_WITH_OBLIGATIONS})
Remark = Mapping[str, str]
"""Parameters of what is told."""
_NOTHING_SAID: Remark = {}
_UNSELECTED: Remark = {"selected_by": "-"}


class Withheld(Enum):
    """Why a benefit was not delivered, where neither a rule nor a stratum of risk selection stood against it."""

    NOT_USED = "未在货物运抵前申报", "Not declared before the goods arrived"
    LATE = "货物运抵后才作出决定", "Decided only after the goods had arrived"
    NOT_NEEDED = "无需适用", "There was nothing that it could ease"
    NOT_GUARANTEED = "未提供足额担保", "No guarantee stands for the whole amount"
    NOT_ASKED = "未申请加急", "Nobody asked for it"
    NOT_ELSEWHERE = "未申请在其他关区口岸验放", "Nobody asked for verification at another district's port"

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en


NOT_USED, LATE, NOT_NEEDED, NOT_GUARANTEED, NOT_ASKED, NOT_ELSEWHERE = (reason.name for reason in Withheld)


class Benefits:
    """The schemes of one decision, of which there is at least one."""

    __slots__ = ("circumstances", "facts", "selection", "view")

    def __init__(self, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> None:
        self.view, self.facts, self.circumstances = view, facts, circumstances
        self.selection: Selection = facts.selection or selected(view, facts, circumstances.accept_time)

    def remarks(self) -> dict[str, Remark]:
        """What the decision tells, by the name of the scheme: of those only that bear upon it."""
        told = {scheme.key: _TOLD[scheme.effect](self, scheme) for scheme in self.facts.schemes or ()}
        return {name: remark for name, remark in told.items() if remark is not None}

    def standings(self, outcome: Outcome) -> list[tuple[Scheme, str]]:
        """How each stands with this outcome: DELIVERED, or else the name of a Withheld, the stratum of risk selection
        (`R-101/1`) or the rule (`CUS-122`) that stood against it.
        """
        return [(scheme, _REASON[scheme.effect](self, scheme, outcome)) for scheme in self.facts.schemes or ()]

    def strata(self) -> list[str]:
        """What selected the goods."""
        return [f"{name}/{version}" for name, version in (mark.stratum for mark in self.selection.reasons)]

    def selected_by(self) -> str:
        """The first of them; empty where nothing did."""
        return DELIVERED if self.selection.lane is Lane.GREEN else self.strata()[0]

    def ahead(self) -> bool:
        """Whether it is declared before arrival."""
        return declared_ahead(self.view, self.facts, self.circumstances.accept_time)

    def urgent(self, scheme: Scheme) -> bool:
        """Whether it went before others, now or when it was decided before."""
        return self.circumstances.urgent or self.facts.stood.get(scheme) == DELIVERED


def remarks_of(view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Mapping[str, Remark]:
    """What the decision tells of schemes; worked out once."""
    if facts.remarks is None:
        if entitled(view, facts, circumstances.accept_time):
            facts.benefits = Benefits(view, facts, circumstances)
            facts.remarks = facts.benefits.remarks()
        else:
            facts.remarks = {}
    return facts.remarks


def settle(facts: Facts, outcome: Outcome) -> None:
    """Notes how the schemes stand after this outcome. What they were worked out with is let go, for it holds the facts
    in turn: what stands in a circle stays in memory until the collector comes, and that is one long pause.
    """
    if facts.benefits is not None:
        facts.standings, facts.benefits = facts.benefits.standings(outcome), None


def _tell_relief(found: Benefits, scheme: Scheme) -> Remark | None:
    """`selected_by` says what selected the goods all the same, `-` nothing."""
    if found.selection.lane is Lane.GREEN:
        return _UNSELECTED if found.facts.risk is not None else None
    return {"selected_by": listed(found.strata())}


def _tell_ahead(found: Benefits, scheme: Scheme) -> Remark | None:
    if not found.ahead():
        return None
    arrival = found.view.arrival_time
    return {"arrival": day_in_china(arrival).isoformat() if arrival else "-"}


def _tell_audit(found: Benefits, scheme: Scheme) -> Remark | None:
    return {"criteria": listed(found.strata())} if found.selection.lane is Lane.YELLOW else None


def _tell_premises(found: Benefits, scheme: Scheme) -> Remark | None:
    enterprise = found.facts.enterprise
    return {"place": enterprise.premises} if enterprise and found.selection.lane is Lane.RED else None


def _tell_urgent(found: Benefits, scheme: Scheme) -> Remark | None:
    return _NOTHING_SAID if found.urgent(scheme) else None


def _tell_guarantee(found: Benefits, scheme: Scheme) -> Remark | None:
    view = found.view
    taxed = view.is_import and found.facts.reference.taxed_by_trade_mode.get(view.trade_mode_code, True)
    return _NOTHING_SAID if taxed else None


def _tell_home(found: Benefits, scheme: Scheme) -> Remark | None:
    return _NOTHING_SAID


_TOLD: Mapping[Effect, Callable[[Benefits, Scheme], Remark | None]] = {
    Effect.RELIEF: _tell_relief,
    Effect.BEFORE_ARRIVAL: _tell_ahead,
    Effect.AUDIT_AFTER: _tell_audit,
    Effect.AT_PREMISES: _tell_premises,
    Effect.URGENT: _tell_urgent,
    Effect.GUARANTEE: _tell_guarantee,
    Effect.HOME: _tell_home,
}


def _relief(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    return found.selected_by()


def _ahead(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    """Papers that were once settled before the goods came stay so."""
    if found.facts.stood.get(scheme) == DELIVERED:
        return DELIVERED
    if not found.ahead():
        return NOT_USED
    if outcome.verdict not in SETTLED:
        unsettled = (each for each in outcome.findings if not each.resolved)
        return next(each.rule_id for each in unsettled if each.effect is outcome.verdict)
    arrival = found.view.arrival_time
    return LATE if arrival and found.circumstances.decide_time >= arrival else DELIVERED


def _audit(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    if found.selection.lane is Lane.RED:
        return found.selected_by()
    return DELIVERED if found.selection.lane is Lane.YELLOW else NOT_NEEDED


def _premises(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    return DELIVERED if found.selection.lane is Lane.RED else NOT_NEEDED


def _urgent(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    return DELIVERED if found.urgent(scheme) else NOT_ASKED


def _guarantee(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    terms = outcome.guarantee
    if (terms is not None and terms.covered) or found.facts.stood.get(scheme) == DELIVERED:
        return DELIVERED
    return NOT_NEEDED if terms is None else NOT_GUARANTEED


def _home(found: Benefits, scheme: Scheme, outcome: Outcome) -> str:
    return DELIVERED if part_of(found.view, found.circumstances) is Part.HOME else NOT_ELSEWHERE


_REASON: Mapping[Effect, Callable[[Benefits, Scheme, Outcome], str]] = {
    Effect.RELIEF: _relief,
    Effect.BEFORE_ARRIVAL: _ahead,
    Effect.AUDIT_AFTER: _audit,
    Effect.AT_PREMISES: _premises,
    Effect.URGENT: _urgent,
    Effect.GUARANTEE: _guarantee,
    Effect.HOME: _home,
}
