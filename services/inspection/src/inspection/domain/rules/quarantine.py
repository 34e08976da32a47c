"""Quarantine by product and origin (动植物检疫), and the hygiene of food."""

from collections.abc import Iterable, Iterator

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.certifying import Standing
from inspection.domain.consignment import ConsignmentView, Item
from inspection.domain.facts import Facts
from inspection.domain.reference import ClosedOrigin, Entry, Measure, Quarantine
from inspection.domain.supervising import LIVING, supervisions
from inspection.domain.wording import in_words, listed

SOURCE = "进出境动植物检疫法;目录为示例 / example catalogue"

# What the risk grade of goods leads to.
BY_GRADE = {
    1: (Verdict.EXAMINE, RequiredAction.PRESENT),
    2: (Verdict.APPROVED_WITH_OBLIGATIONS, RequiredAction.SAMPLE),
    3: (Verdict.APPROVED_WITH_OBLIGATIONS, RequiredAction.PRESENT),
}
ACTIONS = {Measure.RETURN: RequiredAction.RETURN, Measure.DESTROY: RequiredAction.DESTROY}


def _listed_items(view: ConsignmentView, facts: Facts, *kinds: Quarantine) -> Iterator[tuple[Item, Entry]]:
    if not facts.lists_any:
        return
    for item, commodity in zip(view.items, facts.commodities, strict=True):
        if commodity.entry and commodity.entry.quarantine in kinds:
            yield item, commodity.entry


def _done_at_origin(view: ConsignmentView, facts: Facts, now: Circumstances) -> frozenset[int]:
    """Items of an export that were inspected and quarantined at origin (产地检验检疫), or whose paper of it is on its
    way: the port does not do it again. An import is never excused."""
    if view.is_import or not facts.lists_any:
        return frozenset()
    found = facts.once(supervisions, view, now.accept_time)
    return frozenset(
        each.item.number for each in found if each.origin_standing is Standing.COVERED or each.awaits_origin
    )


def _by_grade(
    self: Rule, view: ConsignmentView, facts: Facts, now: Circumstances, kind: Quarantine
) -> Iterator[Finding]:
    """One finding for each risk grade that is met."""
    numbers: dict[int, list[int]] = {}
    done = _done_at_origin(view, facts, now)
    for item, entry in _listed_items(view, facts, kind):
        if item.number not in done:
            numbers.setdefault(entry.grade, []).append(item.number)
    for grade in sorted(numbers):
        effect, action = BY_GRADE[grade]
        yield self.finding(
            effect,
            parameters={"items": in_words(numbers[grade]), "grade": str(grade)},
            item_numbers=tuple(numbers[grade]),
            required_action=action,
        )


@rule(
    id="INS-211",
    version=1,
    zh="第 {items} 项须经动物检疫(风险 {grade} 级)",
    en="Item {items}: subject to animal quarantine (risk grade {grade})",
    enough_zh="检疫合格",
    enough_en="Quarantine finds nothing",
    source=SOURCE,
)
def animal_quarantine_is_done(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Live animals, meat, fish and other animal products, both ways; grade 1 is examined before release."""
    return _by_grade(self, view, facts, circumstances, Quarantine.ANIMAL)


@rule(
    id="INS-212",
    version=1,
    zh="第 {items} 项须经植物检疫(风险 {grade} 级)",
    en="Item {items}: subject to plant quarantine (risk grade {grade})",
    enough_zh="检疫合格",
    enough_en="Quarantine finds nothing",
    source=SOURCE,
)
def plant_quarantine_is_done(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Plants, vegetables, fruit, grain, wood and straw, both ways; grade 1 is examined before release."""
    return _by_grade(self, view, facts, circumstances, Quarantine.PLANT)


@rule(
    id="INS-213",
    version=1,
    zh="第 {items} 项须经食品卫生检验(风险 {grade} 级)",
    en="Item {items}: subject to food hygiene inspection (risk grade {grade})",
    enough_zh="卫生检验合格",
    enough_en="Hygiene inspection finds nothing",
    source="食品卫生法;目录为示例 / example catalogue",
)
def food_hygiene_is_inspected(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Processed food, imports only: exports of food are supervised by their producer's class."""
    return _by_grade(self, view, facts, circumstances, Quarantine.FOOD) if view.is_import else ()


@rule(
    id="INS-214",
    version=1,
    zh="第 {items} 项须检疫,但原产国 {codes} 缺失或不存在",
    en="Item {items}: subject to quarantine, and the origin is missing or no country ({codes})",
    enough_zh="申报 ISO 3166 两位原产国代码",
    enough_en="Declare the country of origin by its two letters in ISO 3166",
    source="进出境动植物检疫法",
)
def origin_is_declared(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Quarantine of imports goes by product and origin; an export's origin is the district's own."""
    if not view.is_import:
        return
    known = facts.reference.countries
    odd = [item for item, _ in _listed_items(view, facts, *LIVING) if item.origin_country_code not in known]
    if odd:
        numbers = tuple([item.number for item in odd])
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"items": in_words(numbers), "codes": listed(item.origin_country_code or "-" for item in odd)},
            item_numbers=numbers,
            required_action=RequiredAction.SUPPLY_DOCUMENT,
        )


@rule(
    id="INS-215",
    version=1,
    zh="第 {items} 项(编号 {prefix})来自禁止入境的原产国 {codes}",
    en="Item {items}: goods of codes from {prefix} may not enter from {codes}",
    enough_zh="解除禁令前不得入境",
    enough_en="Nothing while the origin is closed",
    source="禁止进境物名录(示例)/ example list of closed origins",
)
def origin_is_open(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Closed to origin and to dispatch alike: goods that passed through an epidemic area have been there."""
    met: dict[ClosedOrigin, list[tuple[Item, str]]] = {}
    for item, commodity in zip(view.items, facts.commodities, strict=True):
        for closed in commodity.closed_origins:
            for code in closed.countries & {item.origin_country_code, view.dispatch_country_code}:
                met.setdefault(closed, []).append((item, code))
    for closed, hits in met.items():
        numbers = tuple(sorted({item.number for item, _ in hits}))
        yield self.finding(
            Verdict.REFUSED,
            parameters={
                "items": in_words(numbers),
                "prefix": closed.prefix,
                "codes": listed(code for _, code in hits),
            },
            item_numbers=numbers,
            required_action=ACTIONS[closed.measure],
        )
