"""Certificates of imports: named, in the register, in force, covering the goods."""

from collections.abc import Iterable, Iterator

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.certifying import Need, Standing, expiring, needs
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts, grams
from inspection.domain.rules.awaiting import awaited
from inspection.domain.wording import in_words, kilograms, listed

SOURCE = "进出境动植物检疫法;证书代码表 / list of certificate codes"


def _standing_as(wanted: Standing, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterator[Need]:
    return (need for need in facts.once(needs, view, circumstances.accept_time) if need.standing is wanted)


def _parameters(need: Need, facts: Facts) -> dict[str, str]:
    kinds = facts.reference.certificate_kinds
    return {
        "items": in_words(need.item_numbers),
        "codes": listed(code for code, kind in kinds.items() if kind is need.kind),
        "documents": listed(need.named),
    }


@rule(
    id="INS-221",
    version=1,
    zh="第 {items} 项未随附检疫(卫生)证书(代码 {codes})",
    en="Item {items}: no certificate of a code among {codes} is named",
    enough_zh="随附输出国官方出具的、代码为 {codes} 之一的证书及其编号",
    enough_en="Name a certificate of the exporting country of a code among {codes}, with its number",
    source=SOURCE,
)
def certificate_is_named(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Animal goods bring a health certificate, plant goods a phytosanitary one."""
    for need in _standing_as(Standing.UNNAMED, view, facts, circumstances):
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters=_parameters(need, facts),
            item_numbers=tuple(need.item_numbers),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="INS-222",
    version=1,
    zh="第 {items} 项所附证书 {documents} 尚未收到",
    en="Item {items}: certificate {documents} has not been lodged yet",
    enough_zh="输出国官方或贸易商提交该证书",
    enough_en="The certificate is lodged by the exporting country's authority or the trader",
    source=SOURCE,
)
def certificate_is_registered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Waits for the certificate; the trader is the one to see to it."""
    absent: dict[str, None] = {}
    items: list[int] = []
    for need in _standing_as(Standing.UNREGISTERED, view, facts, circumstances):
        absent.update((number, None) for number in need.named if number not in facts.certificates)
        items += need.item_numbers
    if items:
        yield self.finding(
            Verdict.PENDING,
            parameters={"items": in_words(items), "documents": listed(absent)},
            item_numbers=tuple(sorted(items)),
            awaited=awaited("certificate", absent),
        )


@rule(
    id="INS-223",
    version=1,
    zh="第 {items} 项所附证书 {documents} 已撤销或过期",
    en="Item {items}: certificate {documents} is revoked or expired",
    enough_zh="申报之日有效的证书",
    enough_en="A certificate that is in force when the declaration is accepted",
    source=SOURCE,
)
def certificate_is_in_force(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Goods whose only certificate has lost its force go back."""
    for need in _standing_as(Standing.NOT_IN_FORCE, view, facts, circumstances):
        yield self.finding(
            Verdict.REFUSED,
            parameters=_parameters(need, facts),
            item_numbers=tuple(need.item_numbers),
            required_action=RequiredAction.RETURN,
        )


@rule(
    id="INS-224",
    version=1,
    zh="证书 {documents} 不涵盖第 {items} 项(国别、商品、数量、提单或证书种类不符)",
    en="Item {items}: not covered by certificate {documents}; country, goods, mass, bill of lading or kind differ",
    enough_zh="由原产国或启运国出具、涵盖该商品及其净重、代码为 {codes} 之一的证书",
    enough_en="A certificate of code {codes}, of the country of origin or dispatch, for these goods and this net mass",
    source=SOURCE,
)
def certificate_covers_goods(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The items that name a certificate count together against the mass it covers."""
    for need in _standing_as(Standing.NOT_COVERING, view, facts, circumstances):
        yield self.finding(
            Verdict.REFUSED,
            parameters=_parameters(need, facts),
            item_numbers=tuple(need.item_numbers),
            required_action=RequiredAction.RETURN,
        )


@rule(
    id="INS-225",
    version=1,
    zh="第 {items} 项所附证书 {documents} 余量 {left} 千克,申报 {mass} 千克,其余已核销",
    en="Item {items}: certificate {documents} has {left} kg left for {mass} kg; other clearances have used the rest",
    enough_zh="另附涵盖不足部分的证书,或将净重改为不超过余量",
    enough_en="A further certificate for what is short, or an amendment to no more than what is left",
    source="证书核销 / write-off of certificates",
)
def certificate_has_enough_left(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Not refused: another certificate can be named, and what another clearance gives back is heard of."""
    masses = {item.number: grams(item.net_mass_kg) for item in view.items}
    for need in _standing_as(Standing.USED_UP, view, facts, circumstances):
        held = [facts.certificates[number] for number in need.named if number in facts.certificates]
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={
                "items": in_words(need.item_numbers),
                "documents": listed(need.named),
                "left": kilograms(sum(facts.left_grams(each) or 0 for each in held)),
                "mass": kilograms(sum(masses[number] for number in need.item_numbers)),
            },
            item_numbers=tuple(need.item_numbers),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="INS-226",
    version=1,
    zh="预告:第 {items} 项证书 {documents} 于 {until} 到期,货物预计此后运抵;届时改单或指运地查验将按 INS-223 退运",
    en="Foreseen: item {items}: certificate {documents} expires at {until}, before the goods arrive; an amendment made "
    "after that, or the port of destination, finds it expired (INS-223)",
    enough_zh="运抵前换发有效期至运抵之后的证书",
    enough_en="A certificate that is valid beyond the arrival, lodged before it",
    source=SOURCE,
)
def certificate_outlasts_voyage(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Advice, not a decision: certificates are judged when the version is accepted, which may be before arrival."""
    found = facts.once(expiring, view, circumstances.accept_time) if view.arrive_time is not None else ()
    if found:
        yield self.finding(
            Verdict.APPROVED,
            parameters={
                "items": in_words(number for number, _, _ in found),
                "documents": listed(number for _, _, numbers in found for number in numbers),
                "until": f"{min(until for _, until, _ in found):%Y-%m-%dT%H:%MZ}",
            },
            item_numbers=tuple([number for number, _, _ in found]),
            foreseen=True,
        )
