"""Licences (许可证) by the licence list: named, in the register, in force, covering the goods."""

from collections.abc import Iterable, Iterator
from itertools import islice

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.licensing import Need, Standing, needs
from customs.domain.wording import in_words, listed

# Of an absurd number of licences only the first are waited for; when they have come, the next are.
MOST_AWAITED = 64
SOURCE = "许可证管理货物目录(示例)/ example licence list"


def _standing_as(wanted: Standing, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterator[Need]:
    if not facts.under_licence_control:
        return
    for need in facts.once(needs, view, circumstances.accept_time):
        if need.standing is wanted:
            yield need


def _parameters(need: Need) -> dict[str, str]:
    return {
        "items": in_words(need.item_numbers),
        "prefix": need.control.prefix,
        "codes": " ".join(need.control.document_codes),
        "documents": listed(need.named),
    }


@rule(
    id="CUS-121",
    version=1,
    zh="第 {items} 项(编号 {prefix})需要许可证件(代码 {codes}),未随附",
    en="Item {items}: goods of codes from {prefix} need a licence of code {codes}, and none is named",
    enough_zh="随附一份代码为 {codes} 之一的许可证件及其编号",
    enough_en="Name one document of a code among {codes} with its number",
    source=SOURCE,
)
def licence_is_named(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Licence control by code list: the declaration itself must name the paper."""
    for need in _standing_as(Standing.UNNAMED, view, facts, circumstances):
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters=_parameters(need),
            item_numbers=tuple(need.item_numbers),
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="CUS-122",
    version=1,
    zh="第 {items} 项所附许可证件 {documents} 尚未登记",
    en="Item {items}: licence {documents} is not in the register yet",
    enough_zh="发证机关登记该许可证件",
    enough_en="The issuing office enters the licence in customs' register",
    source=SOURCE,
)
def licence_is_registered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Waits for the licence; the trader, who applied for it, is the one to see to it."""
    absent: dict[str, None] = {}
    items: list[int] = []
    for need in _standing_as(Standing.UNREGISTERED, view, facts, circumstances):
        absent.update((number, None) for number in need.named if number not in facts.licences)
        items += need.item_numbers
    if items:
        yield self.finding(
            Verdict.PENDING,
            parameters={"items": in_words(items), "documents": listed(absent)},
            item_numbers=tuple(sorted(set(items))),
            awaited=tuple(Awaited("trader", "licence", number) for number in islice(absent, MOST_AWAITED)),
        )


@rule(
    id="CUS-123",
    version=1,
    zh="第 {items} 项所附许可证件 {documents} 已撤销或过期",
    en="Item {items}: licence {documents} is revoked or expired",
    enough_zh="申报之日有效的许可证件",
    enough_en="A licence that is in force when the declaration is accepted",
    source=SOURCE,
)
def licence_is_in_force(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Judged at the moment the declaration was accepted."""
    for need in _standing_as(Standing.NOT_IN_FORCE, view, facts, circumstances):
        yield self.finding(Verdict.REFUSED, parameters=_parameters(need), item_numbers=tuple(need.item_numbers))


@rule(
    id="CUS-124",
    version=1,
    zh="许可证件 {documents} 不涵盖第 {items} 项(持证人、商品、数量或证件种类不符)",
    en="Item {items}: not covered by licence {documents}, whose holder, goods, mass or kind differ",
    enough_zh="由该经营单位持有、涵盖该商品及其净重、代码为 {codes} 之一的许可证件",
    enough_en="A licence of code {codes}, held by this enterprise, for these goods and this net mass",
    source=SOURCE,
)
def licence_covers_goods(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The items that name a licence count together against the mass it covers."""
    for need in _standing_as(Standing.NOT_COVERING, view, facts, circumstances):
        yield self.finding(Verdict.REFUSED, parameters=_parameters(need), item_numbers=tuple(need.item_numbers))
