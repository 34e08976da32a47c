"""The goods stand on the manifest (舱单), with their containers and on their conveyance."""

from collections.abc import Iterable

from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from port.domain.consignment import ConsignmentView
from port.domain.facts import Facts
from port.domain.identifiers import container_checks, listed


@rule(
    id="POR-402",
    version=1,
    zh="未申报{missing}",
    en="{missing} is not stated",
    enough_zh="申报提(运)单号",
    enough_en="State the number of the bill of lading or air waybill",
    source="Goods are known to the port by their transport document",
)
def document_stated(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if not view.document:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"missing": "transport_document_number"},
            required_action=RequiredAction.SUPPLY_DOCUMENT,
            awaited=(Awaited("broker"),),
        )


@rule(
    id="POR-403",
    version=1,
    zh="舱单中没有提(运)单 {document}",
    en="Transport document {document} is on no manifest",
    enough_zh="承运人传输含提(运)单 {document} 的舱单",
    enough_en="The carrier lodges a manifest with {document}",
    source="Export release gate (核放): manifest ∧ arrival ∧ release; imports alike",
)
def on_manifest(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    if view.document and facts.manifest is None:
        awaited = (Awaited("carrier", "manifest", view.document),)
        yield self.finding(Verdict.PENDING, parameters={"document": view.document}, awaited=awaited)


@rule(
    id="POR-404",
    version=1,
    zh="集装箱 {containers} 不在提(运)单 {document} 的舱单中",
    en="Containers {containers} are not on the manifest of {document}",
    enough_zh="更正箱号,或由承运人更正舱单",
    enough_en="Correct the container numbers, or let the carrier correct the manifest",
    source="Manifest and declaration must agree",
)
def containers_on_manifest(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """Either side may have erred: an amendment or a corrected manifest settles it."""
    if facts.manifest is None:
        return
    manifested = facts.manifest.containers
    absent = tuple([number for number in view.containers if number not in manifested])
    if absent:
        yield self.finding(
            Verdict.INFORMATION_REQUESTED,
            parameters={"containers": listed(absent), "document": view.document},
            container_numbers=absent,
            required_action=RequiredAction.SUPPLY_DOCUMENT,
            awaited=(Awaited("broker", "manifest", view.document),),
        )


@rule(
    id="POR-405",
    version=1,
    zh="箱号 {containers} 不符合 ISO 6346(格式或校验位)",
    en="Container numbers {containers} break ISO 6346 (form or check digit)",
    enough_zh="核对箱号:三个字母、U/J/Z、六位数字和校验位",
    enough_en="Check them: three letters, U, J or Z, six digits and the check digit",
    source="ISO 6346",
)
def container_numbers_check(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: whether the box is there is what the manifest says; shippers' own boxes bear odd numbers."""
    odd = tuple([number for number in view.containers if not container_checks(number)])
    if odd:
        yield self.finding(Verdict.APPROVED, parameters={"containers": listed(odd)}, container_numbers=odd)


@rule(
    id="POR-406",
    version=1,
    zh="申报的运输工具 {declared} 与舱单 {manifested} 不一致",
    en="Conveyance {declared} was declared, {manifested} is on the manifest",
    enough_zh="申报与舱单一致的运输工具和航次",
    enough_en="The conveyance and voyage of the manifest",
    source="Manifest and declaration should agree",
)
def conveyance_agrees(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """A remark only: goods change ship after the declaration. What either side leaves out is not compared."""
    if facts.manifest is None:
        return
    other_ship = _differ(view.conveyance, facts.manifest.conveyance)
    if other_ship or _differ(view.voyage, facts.manifest.voyage):
        declared = f"{view.conveyance}/{view.voyage}"
        manifested = f"{facts.manifest.conveyance}/{facts.manifest.voyage}"
        yield self.finding(Verdict.APPROVED, parameters={"declared": declared, "manifested": manifested})


@rule(
    id="POR-407",
    version=1,
    zh="申报口岸 {declared} 与舱单口岸 {manifested} 不一致",
    en="Port {declared} was declared, {manifested} is on the manifest",
    enough_zh="申报舱单所列的口岸",
    enough_en="The port that the manifest names",
    source="UN/LOCODE; manifest and declaration should agree",
)
def port_agrees(self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """A remark only: terminals of one port have codes of their own (CNNBG, CNBLG)."""
    if facts.manifest is not None and _differ(view.port_code, facts.manifest.port_code):
        parameters = {"declared": view.port_code, "manifested": facts.manifest.port_code}
        yield self.finding(Verdict.APPROVED, parameters=parameters)


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)
