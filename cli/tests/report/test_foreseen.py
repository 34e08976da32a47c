"""What would be refused later, said when something is submitted: a short list."""

from collections.abc import Callable

from clearance.agency.v1.agency_service_pb2 import Rule
from clearance.common.v1.decision_pb2 import Finding
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance
from tongguan.report.catalogue import Catalogue
from tongguan.report.foreseen import Foreseen

EXPIRES = Finding(rule_id="INS-226", rule_version=1, parameters={"items": "1", "until": "12-05"}, foreseen=True)


def catalogue() -> Catalogue:
    rule = Rule(id="INS-226", version=1)
    rule.text.zh, rule.text.en = "预告:第 {items} 项于 {until} 到期", "Foreseen: item {items} expires {until}"
    rule.enough.zh, rule.enough.en = "换发", "A newer one"
    return Catalogue(lambda _agency: None, {"inspection": {"INS-226": rule}, "tax": {}})  # type: ignore[arg-type,return-value]


def foreseen(*clearances: Clearance) -> list[str]:
    noted = Foreseen()
    for one in clearances:
        noted.take(one)
    return noted.text(catalogue()).plain.splitlines()


def says(standing: Callable[..., AgencyStanding], agency: str, *findings: Finding) -> AgencyStanding:
    made = standing(agency, "APPROVED")
    made.decision.findings.extend(findings)
    return made


def test_each_is_told_with_its_number_and_agency_and_what_would_be_enough(
    clearance: Callable[..., Clearance], standing: Callable[..., AgencyStanding]
) -> None:
    plain = Finding(rule_id="INS-231", rule_version=1)
    settled = Finding(rule_id="INS-226", rule_version=1, resolved=True, foreseen=True)
    one = clearance("IN_PROGRESS", agencies=[says(standing, "inspection", plain, EXPIRES, settled)])
    assert foreseen(one)[1:] == [
        f"{one.number}  inspection  INS-226",
        "  预告:第 1 项于 12-05 到期 — 足够: 换发",
        "  Foreseen: item 1 expires 12-05 — enough: A newer one",
    ]


def test_a_rule_that_is_not_at_hand_is_told_by_what_it_found(
    clearance: Callable[..., Clearance], standing: Callable[..., AgencyStanding]
) -> None:
    one = clearance("RELEASED", agencies=[says(standing, "tax", EXPIRES)])
    assert foreseen(one)[1:] == [f"{one.number}  tax  INS-226", "  items=1, until=12-05"]


def test_of_many_the_first_ten_are_listed_and_the_rest_counted(
    clearance: Callable[..., Clearance], standing: Callable[..., AgencyStanding]
) -> None:
    lines = foreseen(*[clearance("RELEASED", agencies=[says(standing, "inspection", EXPIRES)]) for _ in range(13)])
    assert len([line for line in lines if line.endswith("INS-226")]) == 10
    assert lines[-1].startswith("… and 3 more: tongguan show NUMBER")
