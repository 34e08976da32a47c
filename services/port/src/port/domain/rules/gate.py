"""Why goods stay: the rules of the gate, in the order in which they are asked. The first that finds something answers.

The order: first whether the port can know at all, then what was ordered, then whether it is proved, then these goods.
"""

from collections.abc import Iterable
from typing import cast

from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from port.domain.gate import WAYS, GateFacts, Report, Told, Way, subject_of
from port.domain.identifiers import listed

# A gate decides about an exit and not about a submission: its rules read none.
_NO_CIRCUMSTANCES = cast(Circumstances, None)


def _stays(self: Rule, **parameters: object) -> Iterable[Finding]:
    yield self.finding(Verdict.REFUSED, parameters={name: str(value) for name, value in parameters.items()})


@rule(
    id="POR-501",
    version=1,
    zh="港方所知放行与停止放行指令距今 {age_seconds} 秒,超过 {limit_seconds} 秒",
    en="What the port knows of orders is {age_seconds} s old, more than {limit_seconds} s: a stop may be on its way",
    enough_zh="网关再次确认指令已全部送达",
    enough_en="The gateway says again that it has told everything",
    source="A recall before the gate must stop the goods; setting revocations_limit_seconds",
)
def view_is_fresh(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    age = facts.age_seconds
    if age is None or age > facts.most_age_seconds:
        told = "never told" if age is None else age
        yield from _stays(self, age_seconds=told, limit_seconds=facts.most_age_seconds)


@rule(
    id="POR-502",
    version=1,
    zh="{clearance_number} 无有效放行令(最新指令 {order_number}:{told})",
    en="{clearance_number} is not released (newest order {order_number}: {told})",
    enough_zh="网关签发并送达的放行令",
    enough_en="A release order of the gateway, told to the port",
    source="Export release gate (核放) and collection (提离): nothing leaves without a release",
)
def is_released(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    """An order higher than any the port was told of is none that it can verify."""
    release = facts.release
    if release is None:
        yield from _stays(self, clearance_number=report.clearance_number, order_number=0, told="NONE")
    elif release.told is not Told.RELEASED or report.order > release.order:
        told, number = release.told.name, report.clearance_number
        yield from _stays(self, clearance_number=number, order_number=release.order, told=told)


@rule(
    id="POR-503",
    version=1,
    zh="指令 {order_number} 已被指令 {newest_order_number} 取代",
    en="Order {order_number} was superseded by order {newest_order_number}",
    enough_zh="按指令 {newest_order_number} 办理",
    enough_en="Act on order {newest_order_number}",
    source="A higher order number overrides a lower",
)
def order_is_newest(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    if facts.release and report.order < facts.release.order:
        numbers = {"order_number": report.order, "newest_order_number": facts.release.order}
        yield from _stays(self, clearance_number=report.clearance_number, **numbers)


@rule(
    id="POR-504",
    version=1,
    zh="放行令 {order_number} 未通过验证:{flaw}",
    en="Order {order_number} is not verified: {flaw}",
    enough_zh="网关以其证书签署、内容相符的放行令",
    enough_en="An order that the district's gateway signed, about this very consignment",
    source="The port checks orders itself, whoever brought them",
)
def order_is_verified(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    if facts.release and facts.release.flaw:
        flaw = facts.release.flaw
        yield from _stays(self, clearance_number=report.clearance_number, order_number=report.order, flaw=flaw)


@rule(
    id="POR-510",
    version=1,
    zh="出口放行令 {order_number} 缺少{flaw}",
    en="Order {order_number} does not release for loading: {flaw}",
    enough_zh="舱单、运抵、海关放行及应检货物检验检疫俱全的放行令(核放)",
    enough_en="An order that rests on all of them: manifest and arrival, customs, inspection where due",
    source="Export release gate (核放): 舱单 ∧ 运抵 ∧ 海关放行 (∧ 检验检疫); setting loading_rests_on",
)
def loading_rests_on_all(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    """Whatever a district's policy requires. Manifest and arrival are the port's own decision; inspection's is a yes,
    or that the goods are none of its concern. Of an order by hand (POR-512) whoever it stands in for counts too.
    """
    if report.way is not Way.LOADING or facts.release is None:
        return
    there = facts.release.rests_on | facts.release.absent
    missing = [agency for agency in facts.loading_rests_on if agency not in there]
    if missing:
        flaw = f"no decision of {', '.join(missing)}"
        yield from _stays(self, clearance_number=report.clearance_number, order_number=report.order, flaw=flaw)


@rule(
    id="POR-512",
    version=1,
    zh="人工放行令 {order_number} 不予放行:{flaw}",
    en="Order {order_number}, given by hand, lets nothing out: {flaw}",
    enough_zh="两名官员签发、不代替检验检疫与港方决定、在应急预案限额之内的人工放行令",
    enough_en="An order of two officers, in place of neither inspection nor the port, within the plan's caps",
    source="Four eyes on manual release (人工放行); settings accept_manual_orders, never_by_hand",
)
def is_in_order_by_hand(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    """The port looks for itself, whatever the gateway signed."""
    release = facts.release
    if release is None or not release.absent:
        return
    never = ", ".join(sorted(release.absent & facts.never_absent))
    flaw = release.by_hand_flaw or (f"no officer stands in for {never}" if never else "")
    if not facts.accepts_by_hand:
        flaw = "this port lets nothing out by hand"
    if flaw:
        yield from _stays(self, clearance_number=report.clearance_number, order_number=report.order, flaw=flaw)


@rule(
    id="POR-505",
    version=1,
    zh="放行令不包括 {subject}",
    en="The order does not cover {subject}",
    enough_zh="包括 {subject} 的放行令",
    enough_en="An order whose scope covers {subject}",
    source="Partial release by scope",
)
def goods_are_covered(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    covers = facts.release.covered if facts.release else None
    inside = covers is not None and (report.container in covers.containers if report.container else covers.loose)
    if not inside:
        yield from _stays(self, clearance_number=report.clearance_number, subject=subject_of(report))


@rule(
    id="POR-511",
    version=1,
    zh="同箱货物 {beside} 未放行,{subject} 不得离开",
    en="{subject} also holds goods that are not released: {beside}",
    enough_zh="同箱全部货物均已放行",
    enough_en="Releases of all goods in the box",
    source="A box leaves as a whole: goods of several transport documents in one container (拼箱)",
)
def all_in_the_box_are_released(
    self: Rule, report: Report, facts: GateFacts, circumstances: object
) -> Iterable[Finding]:
    if facts.beside:
        number, subject = report.clearance_number, subject_of(report)
        yield from _stays(self, clearance_number=number, subject=subject, beside=listed(facts.beside))


@rule(
    id="POR-506",
    version=1,
    zh="港方扣留 {holds} 尚未解除",
    en="Held by the port: {holds}",
    enough_zh="港方解除 {holds}",
    enough_en="The port lifts {holds}",
    source="Holds of the port; default of this agency",
)
def nothing_holds_it(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    if facts.holds:
        holds = ", ".join([hold.id for hold in facts.holds])
        yield from _stays(self, clearance_number=report.clearance_number, subject=subject_of(report), holds=holds)


@rule(
    id="POR-507",
    version=1,
    zh="{subject} 已经离港区",
    en="{subject} has left already",
    enough_zh="同一箱(货)只离港一次",
    enough_en="Nothing: goods leave once",
    source="One exit for each container",
)
def is_still_there(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    if facts.out:
        yield from _stays(self, subject=subject_of(report), state="OUT", operation=f"to leave by {report.way.name}")


@rule(
    id="POR-509",
    version=1,
    zh="{clearance_number} 报提 {packages} 件,可提 {remaining} 件",
    en="{packages} packages of {clearance_number} are reported, and {remaining} may leave",
    enough_zh="至多 {remaining} 件",
    enough_en="At most {remaining} packages",
    source="No more leaves than was released, and no more than was tallied",
)
def packages_are_there(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    """Loose goods leave load by load. What nobody has counted leaves as a whole."""
    remaining = facts.remaining or 0
    if report.packages > remaining:
        number = report.clearance_number
        yield from _stays(self, clearance_number=number, packages=report.packages, remaining=remaining)


@rule(
    id="POR-508",
    version=1,
    zh="{subject} 为{state}货物,不得经 {operation} 离开",
    en="{subject} is {state} cargo and does not leave by {operation}",
    enough_zh="进口经闸口提离,出口装运离境",
    enough_en="Imports leave through the gate, exports by loading",
    source="Imports end collected, exports departed",
)
def way_fits(self: Rule, report: Report, facts: GateFacts, circumstances: object) -> Iterable[Finding]:
    """An export that goes back inland was not released for that."""
    goods = facts.release.goods if facts.release else None
    if goods and report.way is not WAYS[goods.direction]:
        yield from _stays(self, subject=subject_of(report), state=goods.direction.name, operation=report.way.name)


GATE_RULES: tuple[Rule, ...] = (
    view_is_fresh,
    is_released,
    order_is_newest,
    order_is_verified,
    is_in_order_by_hand,
    loading_rests_on_all,
    goods_are_covered,
    all_in_the_box_are_released,
    nothing_holds_it,
    is_still_there,
    packages_are_there,
    way_fits,
)


def why_it_stays(report: Report, facts: GateFacts) -> Finding | None:
    """The first rule's finding, or None: the goods may leave."""
    return next((finding for each in GATE_RULES for finding in each(report, facts, _NO_CIRCUMSTANCES)), None)
