"""What the port does not concern itself with. These rules are asked first and alone, through `subject`."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from port.domain.consignment import ConsignmentView, DeclarationType, Mode
from port.domain.facts import Facts

_WITHOUT_TERMINAL = (Mode.POST, Mode.FIXED)


def _answered_by_subject(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Where such a rule applies no other is evaluated; where it does not there is nothing to find."""
    return ()


supplementary = rule(
    id="POR-400",
    version=1,
    zh="{declaration_type} 为补充申报:货物已放行离港,不在港区",
    en="{declaration_type} declaration: the goods were released before and are not in the port",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="Default of this agency",
)(_answered_by_subject)

without_terminal = rule(
    id="POR-401",
    version=1,
    zh="运输方式 {mode} 的货物不经码头和货站",
    en="Goods of mode {mode} pass through no terminal of the port",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="UN/ECE Recommendation 19, modes 5 (post) and 7 (fixed installations)",
)(_answered_by_subject)


def subject(view: ConsignmentView, facts: Facts) -> Finding | None:
    """The finding that the consignment is outside the port's remit, or None."""
    if view.declaration_type == DeclarationType.SUPPLEMENTARY:
        return supplementary.finding(Verdict.NOT_SUBJECT, parameters={"declaration_type": "SUPPLEMENTARY"})
    if view.mode in _WITHOUT_TERMINAL:
        return without_terminal.finding(Verdict.NOT_SUBJECT, parameters={"mode": Mode(view.mode).name})
    return None
