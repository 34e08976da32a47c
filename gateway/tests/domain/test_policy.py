"""Who must approve is data; what cannot be used is refused with every fault at once."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from gateway.domain.policy import DIRECTIONS, MODES, ConfiguredAgency, Policy, PolicyFaults, applied_policy

FOUR = ("customs", "inspection", "border", "port")


def agencies(*names: str, **required: tuple[str, ...]) -> list[ConfiguredAgency]:
    return [ConfiguredAgency(name, f"spiffe://ningbo.clearance/{name}", required.get(name, ())) for name in names]


def file(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"version": "test-1", "required": list(lines), **fields}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("mode", MODES)
def test_the_built_in_policy_requires_all_four_agencies_always(direction: str, mode: str) -> None:
    content = tomllib.loads(files("gateway.domain").joinpath("policy.toml").read_text("utf-8"))
    applied = Policy(content, agencies(*FOUR)).apply(direction, mode)
    assert applied.required == FOUR
    assert tuple(applied.asked) == FOUR
    assert applied.version == "2004-1"


@pytest.mark.parametrize(
    ("direction", "mode", "required"),
    [
        ("import", "sea", ("customs", "port")),
        ("import", "air", ("customs", "inspection")),
        ("export", "sea", ("border",)),
        ("export", "rail", ("customs",)),
    ],
)
def test_the_most_exact_line_counts(direction: str, mode: str, required: tuple[str, ...]) -> None:
    policy = Policy(
        file(
            {"agencies": ["customs"]},
            {"mode": "sea", "agencies": ["border"]},
            {"direction": "import", "agencies": ["customs", "inspection"]},
            {"direction": "import", "mode": "sea", "agencies": ["customs", "port"]},
        ),
        agencies(*FOUR),
    )
    applied = policy.apply(direction, mode)
    assert applied.required == required
    assert tuple(applied.asked) == FOUR, "all are asked, whoever is required"


def test_a_fifth_agency_joins_by_settings_alone_and_the_version_tells() -> None:
    joined = agencies(*FOUR, "tax", tax=("export/*",))
    policy = Policy(file({"agencies": list(FOUR)}), joined)
    assert policy.apply("export", "air").required == (*FOUR, "tax")
    assert policy.apply("import", "air").required == FOUR
    assert tuple(policy.apply("import", "air").asked) == (*FOUR, "tax")
    assert policy.version == "test-1+tax(export/*)"


def test_a_fifth_agency_that_is_not_required_is_asked_all_the_same() -> None:
    applied = Policy(file({"agencies": ["customs"]}), agencies("customs", "tax")).apply("import", "sea")
    assert applied.required == ("customs",)
    assert "tax" in applied.asked


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (file(), "nobody must approve import/sea"),
        (file({"direction": "import", "agencies": ["customs"]}), "nobody must approve export/sea"),
        (file({"agencies": ["harbour_master"]}), "agency harbour_master is not configured"),
        (file({"agencies": ["customs"], "mode": "balloon"}), "no such direction and mode: */balloon"),
        (file({"agencies": ["customs"]}, version=""), "version is missing"),
        (file({"agencies": ["customs"]}, requires=[]), "no such field: requires"),
        (
            file({"agencies": ["customs"]}, depends_on={"port": ["customs"], "customs": ["port"]}),
            "dependencies go in a circle: customs, port",
        ),
        (file({"agencies": ["customs"]}, depends_on={"port": ["port"]}), "dependencies go in a circle: port"),
        (file({"agencies": ["customs"]}, depends_on={"port": ["tax"]}), "agency tax is not configured"),
        (file({"agencies": ["customs"]}, closing={"obligations": ["PAID"]}), "closing: no such required action: PAID"),
        (file({"agencies": ["customs"]}, closing={"hours": 24}), "closing: no such field: hours"),
    ],
)
def test_a_policy_that_cannot_be_used_refuses_to_start(content: dict[str, Any], fault: str) -> None:
    with pytest.raises(PolicyFaults) as refused:
        Policy(content, agencies(*FOUR))
    assert any(fault in told for told in refused.value.faults), refused.value.faults


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(PolicyFaults) as refused:
        Policy({"required": [{"agencies": ["tax"]}], "depends_on": {"port": ["port"]}}, agencies("port"))
    assert len(refused.value.faults) == 3


def test_a_longer_chain_of_dependencies_is_no_circle() -> None:
    chain = {"port": ["customs", "inspection"], "inspection": ["customs"]}
    applied = Policy(file({"agencies": ["port"]}, depends_on=chain), agencies(*FOUR)).apply("import", "sea")
    assert applied.depends_on["port"] == ("customs", "inspection")


def test_the_policy_fixed_on_a_case_is_read_as_it_was_written() -> None:
    content = file({"agencies": list(FOUR)}, depends_on={"port": ["customs"]}, closing={"obligations": ["PAY"]})
    policy = Policy(content, agencies(*FOUR))
    applied = policy.apply("import", "sea")
    assert applied.closing == ("PAY",)
    read = applied_policy(applied.text)
    assert read == applied
    assert tuple(read.asked) == FOUR


def test_needed_are_those_required_and_through_however_many_whoever_is_asked_before_them() -> None:
    chain = {"port": ["border"], "border": ["customs"], "inspection": ["customs"]}
    applied = Policy(file({"agencies": ["port"]}, depends_on=chain), agencies(*FOUR)).apply("import", "sea")
    assert applied.needed == {"port", "border", "customs"}


def verifying(**fields: Any) -> Policy:
    partners = {"hangzhou": "spiffe://hangzhou.clearance/gateway"}
    return Policy(file({"agencies": list(FOUR)}, **fields), agencies(*FOUR), partners)


def test_the_port_of_a_partner_is_asked_after_those_who_are_asked_at_home() -> None:
    policy = verifying(verification={"home": ["customs", "inspection"]}, depends_on={"inspection": ["customs", "port"]})
    applied = policy.verified_at("hangzhou", "import", "sea")
    assert applied.required == ("customs", "inspection", "hangzhou")
    assert applied.depends_on == {"inspection": ("customs",), "hangzhou": ("customs", "inspection")}
    assert applied.asked["hangzhou"] == "spiffe://hangzhou.clearance/gateway"


def test_the_home_of_goods_that_are_verified_here_is_required_and_not_asked() -> None:
    applied = verifying().declared_at("hangzhou", "import", "sea")
    assert (applied.required, applied.told, applied.own) == ((*FOUR, "hangzhou"), FOUR, FOUR)


def test_a_policy_by_which_nobody_at_home_must_approve_is_refused() -> None:
    with pytest.raises(PolicyFaults) as refused:
        Policy(
            file({"agencies": ["port"]}, verification={"home": ["customs", "tax"]}),
            agencies(*FOUR),
        )
    assert "policy: agency tax is not configured" in refused.value.faults
    assert "policy: verification: nobody at home must approve import/sea" in refused.value.faults
