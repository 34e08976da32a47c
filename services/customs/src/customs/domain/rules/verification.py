"""Declared at home, verified at the port (属地申报、口岸验放): who may, and what the port has to look at."""

from collections.abc import Iterable, Mapping

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Stage, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import scheme_of
from customs.domain.facts import Facts
from customs.domain.schemes import Effect
from customs.domain.verification import ordered
from customs.domain.wording import listed

SOURCE = "属地申报、口岸验放 (option since 2006)"
ENTITLED_RULE, ORDERED_RULE = "CUS-204", "CUS-205"
# The place of goods to be examined whose port is not declared.
NOWHERE = "-"


def to_be_opened(
    of: Rule,
    view: ConsignmentView,
    facts: Facts,
    parameters: Mapping[str, str],
    *,
    premises: str = "",
    effect: Verdict = Verdict.EXAMINE,
) -> Finding:
    """Goods in containers go to the scanner first where that is the order; there is none at an enterprise."""
    imaged = bool(view.container_numbers) and facts.reference.examining.image_first and not premises
    return of.finding(
        effect,
        parameters={**parameters, "place": premises or view.port_code or NOWHERE},
        container_numbers=view.container_numbers,
        required_action=RequiredAction.PRESENT,
        stage=Stage.IMAGE if imaged else Stage.FOUND,
    )


@rule(
    id=ENTITLED_RULE,
    version=1,
    zh="不具备属地申报、口岸验放资格,不得在 {office} 关区口岸验放",
    en="Not entitled to declare at home and have the goods verified at the port of {office}",
    enough_zh="具备属地申报、口岸验放资格的企业;或在口岸所在地申报",
    enough_en="An enterprise that is entitled to it (schemes.toml, HOME); or a declaration where the port is",
    source=SOURCE,
)
def verification_elsewhere_is_granted(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Who is not registered is CUS-134's."""
    if facts.enterprise is None or scheme_of(Effect.HOME, view, facts, circumstances.accept_time):
        return ()
    return (self.finding(Verdict.REFUSED, parameters={"office": view.verification_office_code}),)


@rule(
    id=ORDERED_RULE,
    version=1,
    zh="属地海关布控查验({ordered_by}),查验地点:{place}",
    en="Customs at home has the goods examined ({ordered_by}); to be opened at {place}",
    enough_zh="查验无异常",
    enough_en="An examination that finds nothing against release",
    source=SOURCE,
)
def goods_are_examined_as_home_has_ordered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """By the scanner first, where that is the order here."""
    orders = [f"{given.district} {found.rule_id}/{found.rule_version}" for given, found in ordered(circumstances)]
    if not orders:
        return ()
    return (to_be_opened(self, view, facts, {"ordered_by": listed(orders)}),)
