"""The tax office's law: who is registered, and who owes."""

from collections.abc import Iterable
from dataclasses import dataclass

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule


@dataclass(slots=True)
class View:
    """The trader of a consignment, by the number under which he is registered."""

    trader: str


@dataclass(slots=True)
class Facts:
    """Whether the trader has tax to pay."""

    in_arrears: bool


@rule(
    id="TAX-501",
    version=1,
    zh="未申报{missing}",
    en="{missing} is not stated",
    enough_zh="申报经营单位的登记号",
    enough_en="State the trader's registration number",
    source="Example",
)
def trader_stated(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if not view.trader:
        awaited = (Awaited("broker"),)
        parameters = {"missing": "trader.identifier"}
        yield self.finding(Verdict.INFORMATION_REQUESTED, parameters=parameters, awaited=awaited)


@rule(
    id="TAX-502",
    version=1,
    zh="经营单位 {trader} 欠税",
    en="Trader {trader} has tax to pay",
    enough_zh="缴清税款",
    enough_en="The tax is paid",
    source="Example",
)
def nothing_owed(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if facts.in_arrears:
        yield self.finding(Verdict.REFUSED, parameters={"trader": view.trader}, required_action=RequiredAction.PAY)


def subject(view: View, facts: Facts) -> Finding | None:
    """Every trader is the tax office's concern."""
    return None
