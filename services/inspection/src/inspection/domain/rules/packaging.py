"""Wood packaging (木质包装)."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from inspection.domain.allotting import in_force
from inspection.domain.consignment import ConsignmentView
from inspection.domain.facts import Facts
from inspection.domain.naming import named_certificates
from inspection.domain.packaging import untreated_wood
from inspection.domain.reference import CertificateKind
from inspection.domain.rules.awaiting import awaited
from inspection.domain.wording import in_words, listed


@rule(
    id="INS-241",
    version=1,
    zh="第 {items} 项为木质包装({packages}),未见除害处理证书",
    en="Item {items}: packages of wood ({packages}) without a certificate of treatment",
    enough_zh="提供有效的熏蒸或除害处理证书,或在口岸监督处理",
    enough_en="A certificate of treatment in force, or treatment under supervision at the port",
    source="进境木质包装检疫要求(产地清单为示例)/ example list of origins",
)
def wood_packaging_is_treated(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """An obligation, not a wait: the packages can be treated at the port. A certificate that comes later lifts it."""
    untreated = []
    named: set[str] = set()
    for item in untreated_wood(view, facts):
        documents = named_certificates(item, CertificateKind.TREATMENT, view, facts, circumstances.accept_time)
        held = [facts.certificates[number] for number in documents if number in facts.certificates]
        if not any(
            each.kind is CertificateKind.TREATMENT and in_force(each, circumstances.accept_time) for each in held
        ):
            untreated.append(item)
            named.update(documents)
    if untreated:
        wood = facts.reference.wood.package_codes
        numbers = tuple([item.number for item in untreated])
        yield self.finding(
            Verdict.APPROVED_WITH_OBLIGATIONS,
            parameters={
                "items": in_words(numbers),
                "packages": listed(code for item in untreated for code in item.package_codes if code in wood),
            },
            item_numbers=numbers,
            required_action=RequiredAction.TREAT,
            awaited=awaited("certificate", sorted(named)),
        )
