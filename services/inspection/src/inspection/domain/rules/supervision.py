"""Supervision by class of the producer and risk of the goods (分类管理), exemption (免检), inspection at origin."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.certifying import Standing
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts, grams
from inspection.domain.reference import Mode
from inspection.domain.rules.awaiting import awaited
from inspection.domain.supervising import Supervision, supervisions
from inspection.domain.wording import in_words, kilograms, listed

SOURCE = "出口工业产品企业分类管理办法;方式表为默认值 / configurable default"


def _numbers(group: Iterable[Supervision]) -> tuple[int, ...]:
    return tuple([each.item.number for each in group])


def _of_mode(self: Rule, mode: Mode, view: ConsignmentView, facts: Facts, now: Circumstances) -> Iterator[Finding]:
    """One finding for each pair of risk grade and class."""

    def pair(each: Supervision) -> tuple[int, int]:
        return each.entry.grade, each.producer_class

    applied = [each for each in facts.once(supervisions, view, now.accept_time) if each.applied is mode]
    for (grade, producer_class), group in groupby(sorted(applied, key=pair), key=pair):
        numbers = _numbers(group)
        yield self.finding(
            Verdict.EXAMINE,
            parameters={
                "items": in_words(numbers),
                "grade": str(grade),
                "producer_class": str(producer_class) if producer_class else "-",
            },
            item_numbers=numbers,
            required_action=RequiredAction.SAMPLE if mode is Mode.SAMPLE else RequiredAction.PRESENT,
        )


@rule(
    id="INS-231",
    version=1,
    zh="第 {items} 项(风险 {grade} 级,企业 {producer_class} 类)抽样检验",
    en="Item {items}: sampled (risk grade {grade}, producer of class {producer_class})",
    enough_zh="抽样检验合格、免检,或产地检验证书",
    enough_en="A sample that passes, an exemption, or a certificate of inspection at origin",
    source=SOURCE,
)
def goods_pass_unsampled(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Exports by class of the producer and risk; imports that no quarantine looks at by risk alone."""
    return _of_mode(self, Mode.SAMPLE, view, facts, circumstances)


@rule(
    id="INS-232",
    version=1,
    zh="第 {items} 项(风险 {grade} 级,企业 {producer_class} 类)批批检验",
    en="Item {items}: examined each time (risk grade {grade}, producer of class {producer_class})",
    enough_zh="检验合格、免检,或产地检验证书",
    enough_en="An examination that finds nothing, an exemption, or a certificate of inspection at origin",
    source=SOURCE,
)
def goods_pass_unexamined(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """As INS-231, for the pairs that are examined each time."""
    return _of_mode(self, Mode.EXAMINE, view, facts, circumstances)


@rule(
    id="INS-233",
    version=1,
    zh="第 {items} 项的生产企业 {producers} 尚未分类登记",
    en="Item {items}: producer {producers} is not in the register yet",
    enough_zh="该企业登记分类;不申报生产企业则按 3 类处理",
    enough_en="The producer is entered with its class; goods without a named producer count as class 3",
    source=SOURCE,
)
def producer_is_registered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Waits for the class of a named producer, where the class matters."""
    waiting = [
        each
        for each in facts.once(supervisions, view, circumstances.accept_time)
        if each.awaits_producer and not each.excused and not each.spot_checked
    ]
    if waiting:
        producers = sorted({each.item.producer_identifier for each in waiting})
        yield self.finding(
            Verdict.PENDING,
            parameters={"items": in_words(_numbers(waiting)), "producers": listed(producers)},
            item_numbers=_numbers(waiting),
            awaited=awaited("producer", producers),
        )


@rule(
    id="INS-234",
    version=1,
    zh="第 {items} 项凭免检证书 {numbers} 免检",
    en="Item {items}: exempt from inspection under {numbers}",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="进出口商品免验办法",
)
def exemption_is_used(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark, so that the register's use can be counted. It excuses from inspection, never from quarantine."""
    found = facts.once(supervisions, view, circumstances.accept_time)
    exempt = [each for each in found if each.exemption and not each.spot_checked]
    if exempt:
        numbers = listed(each.exemption.number for each in exempt if each.exemption)
        yield self.finding(
            Verdict.APPROVED,
            parameters={"items": in_words(_numbers(exempt)), "numbers": numbers},
            item_numbers=_numbers(exempt),
        )


@rule(
    id="INS-235",
    version=1,
    zh="第 {items} 项的免检证书 {numbers} 已撤销、过期或因抽查不合格而暂停,照常监管",
    en="Item {items}: exemption {numbers} is revoked, expired or suspended after a spot check, supervised like others",
    enough_zh="有效的免检证书",
    enough_en="An exemption in force",
    source="进出口商品免验办法",
)
def exemption_is_in_force(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark that explains why goods of an exempt holder are looked at."""
    lapsed = [each for each in facts.once(supervisions, view, circumstances.accept_time) if each.lapsed_exemption]
    if lapsed:
        numbers = listed(each.lapsed_exemption.number for each in lapsed if each.lapsed_exemption)
        yield self.finding(
            Verdict.APPROVED,
            parameters={"items": in_words(_numbers(lapsed)), "numbers": numbers},
            item_numbers=_numbers(lapsed),
        )


@rule(
    id="INS-236",
    version=1,
    zh="第 {items} 项凭产地检验证书 {documents} 直接放行",
    en="Item {items}: passes on certificate {documents} of inspection at origin",
    enough_zh="无须补充",
    enough_en="Nothing is needed",
    source="产地检验、口岸凭证放行",
)
def origin_certificate_is_accepted(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark: what was inspected at origin (属地检验) is not inspected again at the port."""
    accepted = [
        each
        for each in facts.once(supervisions, view, circumstances.accept_time)
        if each.origin_standing is Standing.COVERED
    ]
    if accepted:
        yield self.finding(
            Verdict.APPROVED,
            parameters={
                "items": in_words(_numbers(accepted)),
                "documents": listed(number for each in accepted for number in each.origin_certificates),
            },
            item_numbers=_numbers(accepted),
        )


@rule(
    id="INS-237",
    version=1,
    zh="第 {items} 项所附产地检验证书 {documents} 尚未收到",
    en="Item {items}: certificate {documents} of inspection at origin has not been lodged yet",
    enough_zh="凭转单号和密码领取该证书(电子转单),或由产地检验检疫机构提交;不随附则由口岸检验",
    enough_en="Its transfer is claimed by number and password, or it is lodged; without it the port inspects",
    source="产地检验、口岸凭证放行",
)
def origin_certificate_is_registered(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Waits only where the certificate would spare the goods an inspection."""
    waiting = [each for each in facts.once(supervisions, view, circumstances.accept_time) if each.awaits_origin]
    if waiting:
        named = {number for each in waiting for number in each.origin_certificates}
        absent = sorted(named - set(facts.certificates))
        yield self.finding(
            Verdict.PENDING,
            parameters={"items": in_words(_numbers(waiting)), "documents": listed(absent)},
            item_numbers=_numbers(waiting),
            awaited=awaited("certificate", absent),
        )


@rule(
    id="INS-238",
    version=1,
    zh="第 {items} 项所附产地检验证书 {documents} 不能凭以放行(已撤销、过期、核销完毕或与货物不符),由口岸检验",
    en="Item {items}: certificate {documents} of inspection at origin is revoked, expired, used up or for other goods",
    enough_zh="有效、与货物相符且余量不少于 {mass} 千克的产地检验证书",
    enough_en="A certificate in force for these goods with {mass} kg left; without it the port inspects",
    source="产地检验、口岸凭证放行",
)
def origin_certificate_is_usable(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark that explains why goods with a certificate of inspection at origin are looked at again."""
    lacking = [
        each
        for each in facts.once(supervisions, view, circumstances.accept_time)
        if each.origin_standing in (Standing.NOT_IN_FORCE, Standing.NOT_COVERING, Standing.USED_UP)
    ]
    if lacking:
        yield self.finding(
            Verdict.APPROVED,
            parameters={
                "items": in_words(_numbers(lacking)),
                "documents": listed(number for each in lacking for number in each.origin_certificates),
                "mass": kilograms(sum(grams(each.item.net_mass_kg) for each in lacking)),
            },
            item_numbers=_numbers(lacking),
        )


@rule(
    id="INS-239",
    version=1,
    zh="第 {items} 项凭免检证书 {numbers} 免检,本批被抽查",
    en="Item {items}: exempt under {numbers}, and drawn for a spot check",
    enough_zh="抽查合格;不合格则暂停该免检证书",
    enough_en="A check that finds nothing; one that fails suspends the exemption",
    source="进出口商品免验办法;抽查比例为默认值 / configurable default",
)
def exempt_goods_are_spot_checked(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The draw is keyed and recorded (domain/spot_checks.py); goods inspected at origin are not drawn."""
    drawn = [each for each in facts.once(supervisions, view, circumstances.accept_time) if each.spot_checked]
    if drawn:
        yield self.finding(
            Verdict.EXAMINE,
            parameters={
                "items": in_words(_numbers(drawn)),
                "numbers": listed(each.exemption.number for each in drawn if each.exemption),
            },
            item_numbers=_numbers(drawn),
            required_action=RequiredAction.PRESENT,
        )
