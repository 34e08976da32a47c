"""What border does not concern itself with. These rules are asked first and alone, through `subject`."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from border.domain.consignment import ConsignmentView, DeclarationType, Mode
from border.domain.facts import Facts

_WITHOUT_CONVEYANCE = (Mode.POST, Mode.FIXED)


def _answered_by_subject(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Where such a rule applies no other is evaluated; where it does not there is nothing to find."""
    return ()


supplementary = rule(
    id="BOR-300",
    version=1,
    zh="{declaration_type} 为补充申报:货物已先行放行,没有待查验的运输工具",
    en="{declaration_type} declaration: the goods were released before, and no conveyance is to be cleared for them",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="Default of this agency",
)(_answered_by_subject)

without_conveyance = rule(
    id="BOR-301",
    version=1,
    zh="运输方式 {mode} 没有进出境运输工具和人员",
    en="Mode of transport {mode} brings no conveyance and no crew over the border",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="UN/ECE Recommendation 19, modes 5 (post) and 7 (fixed installations)",
)(_answered_by_subject)


def subject(view: ConsignmentView, facts: Facts) -> Finding | None:
    """The finding that the consignment is outside border's remit, or None.

    A conveyance that is merely left out is not outside: it is asked for (BOR-302).
    """
    if view.declaration_type == DeclarationType.SUPPLEMENTARY:
        return supplementary.finding(Verdict.NOT_SUBJECT, parameters={"declaration_type": "SUPPLEMENTARY"})
    if view.mode in _WITHOUT_CONVEYANCE:
        return without_conveyance.finding(Verdict.NOT_SUBJECT, parameters={"mode": Mode(view.mode).name})
    return None
