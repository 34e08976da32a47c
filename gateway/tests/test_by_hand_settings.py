"""What a gateway is told of releases by hand and of emergencies: it refuses to start on what cannot be meant."""

from pathlib import Path
from typing import Any

import pytest

from agencykit.settings import SettingsError, load_settings
from gateway.operations.settings import GatewaySettings

OFFICERS = "TONGGUAN_GATEWAY__RELEASE_OFFICERS"
TABLE = """
version = "1"
agency = [{agency = "customs", after_minutes = 60}]
never = {commodities = ["36"]}
reason = [{code = "RELIEF", zh = "抢险救灾物资", en = "Relief goods"}]
"""
MEASURE = {
    "id": '"CUSTOMS-OUT"',
    "trigger": '"agency_out"',
    "zh": '"海关系统中断"',
    "en": '"Customs is out"',
    "substitutes": '["customs"]',
    "after_minutes": "30",
    "hours": "24",
    "most_releases": "10",
    "most_minor_units": "1000",
    "currency_code": '"CNY"',
}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Settings with these two files."""
    monkeypatch.setenv("TONGGUAN_GATEWAY__DISTRICT", "ningbo")
    monkeypatch.setenv("TONGGUAN_GATEWAY__CUSTOMS_DISTRICT_CODE", "3100")
    monkeypatch.setenv("TONGGUAN_GATEWAY__DATABASE_URL", "sqlite+pysqlite:///gateway.db")
    monkeypatch.setenv("TONGGUAN_GATEWAY__CA_FILE", "ca.pem")

    def load(table: str = TABLE, *measures: dict[str, str]) -> GatewaySettings:
        plan = "\n".join(
            "[[measure]]\n" + "\n".join(f"{name} = {value}" for name, value in each.items()) for each in measures
        )
        for name, content in (("manual_releases", table), ("emergency_plan", f'version = "1"\n{plan}')):
            (tmp_path / f"{name}.toml").write_text(content, "utf-8")
            monkeypatch.setenv(f"TONGGUAN_GATEWAY__{name.upper()}_FILE", str(tmp_path / f"{name}.toml"))
        return load_settings(GatewaySettings, "gateway")

    return load


def test_the_built_in_table_and_plan_never_stand_in_for_inspection_or_the_port(loaded: Any) -> None:
    settings = loaded()
    settings = settings.model_copy(update={"manual_releases_file": None, "emergency_plan_file": None})
    plan = settings.emergency_plan()
    substituted = {agency for measure in plan.measures.values() for agency in measure.substitutes}
    assert set(settings.overrides().after_minutes) == substituted == {"customs", "border"}


@pytest.mark.parametrize(
    ("officers", "fault"),
    [
        ('["operator/port-office"]', "name two, or nobody"),
        ('["operator/port-office", "broker/3104980001"]', "only operators release by hand"),
    ],
    ids=["one alone", "a broker"],
)
def test_releases_by_hand_take_two_operators(
    loaded: Any, monkeypatch: pytest.MonkeyPatch, officers: str, fault: str
) -> None:
    monkeypatch.setenv(OFFICERS, officers)
    with pytest.raises(SettingsError, match=fault):
        loaded()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"substitutes": '["inspection"]'}, "nobody ever stands in for inspection"),
        ({"most_releases": "0"}, "most_releases"),
        ({"hours": "100000"}, "hours"),
        ({"trigger": '"hurry"'}, "trigger"),
    ],
    ids=["in place of inspection", "no cap", "without end", "another trigger"],
)
def test_a_plan_that_goes_beyond_what_may_be_stood_in_for_is_refused_with_what_is_wrong(
    loaded: Any, change: dict[str, str], fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        loaded(TABLE, MEASURE | change).emergency_plan()
    with pytest.raises(SettingsError, match="twice"):
        loaded(TABLE, MEASURE, MEASURE).emergency_plan()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("60", "-1", "after_minutes"),
        ('"36"', '"arms"', "commodities"),
        ('{agency = "customs", after_minutes = 60}', '{agency = "a", after_minutes = 1}, ' * 2, "twice"),
    ],
    ids=["before it is asked", "no commodity", "twice"],
)
def test_a_table_that_cannot_be_meant_is_refused_with_what_is_wrong(
    loaded: Any, old: str, new: str, fault: str
) -> None:
    with pytest.raises(SettingsError, match=fault):
        loaded(TABLE.replace(old, new)).overrides()
