"""Partner districts in the gateway's settings: what cannot be right refuses to start."""

from typing import Any

import pytest

from agencykit.settings import SettingsError, load_settings
from gateway.operations.settings import GatewaySettings

HANGZHOU = {"address": "hangzhou:7000", "bundle_file": "hangzhou.json", "customs_district_code": "2900"}
SHANGHAI = {"address": "shanghai:7000", "bundle_file": "shanghai.json", "customs_district_code": "2200"}


def loaded(monkeypatch: pytest.MonkeyPatch, **partners: dict[str, Any]) -> GatewaySettings:
    """As the environment sets them."""
    for name, fields in partners.items():
        for field, value in fields.items():
            monkeypatch.setenv(f"TONGGUAN_GATEWAY__PARTNERS__{name.upper()}__{field.upper()}", value)
    return load_settings(GatewaySettings, "gateway")


def test_a_partners_parties_may_come_in_and_its_offices_guarantees_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, hangzhou=HANGZHOU | {"guarantee_offices": '["0290", "0291"]'})
    assert settings.trust_domains == {"ningbo.clearance", "hangzhou.clearance"}
    assert settings.homes.of(["04CN0291000000013"]) == "hangzhou"


def test_a_single_claimant_is_refused_since_one_proposes_and_another_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGGUAN_GATEWAY__GUARANTEE_CLAIMANTS", '["operator/officer-customs"]')
    with pytest.raises(SettingsError, match="name two, or nobody"):
        load_settings(GatewaySettings, "gateway")
    monkeypatch.setenv("TONGGUAN_GATEWAY__GUARANTEE_CLAIMANTS", '["operator/*"]')
    assert load_settings(GatewaySettings, "gateway").guarantee_claimants == ["operator/*"]


@pytest.mark.parametrize(
    ("partners", "fault"),
    [
        ({"ningbo": HANGZHOU}, "ningbo: is this district"),
        ({"hangzhou": HANGZHOU | {"customs_district_code": "3100"}}, "3100: begins the numbers of two districts"),
        ({"hangzhou": HANGZHOU, "shanghai": SHANGHAI | {"customs_district_code": "2900"}}, "2900: begins the numbers"),
        (
            {
                "hangzhou": HANGZHOU | {"guarantee_offices": '["0290"]'},
                "shanghai": SHANGHAI | {"guarantee_offices": '["0290"]'},
            },
            "0290: is an office of two partners",
        ),
        ({"hangzhou": HANGZHOU | {"guarantee_offices": '["29"]'}}, "four digits or capital letters"),
        ({"hangzhou": HANGZHOU | {"address": "hangzhou"}}, "ADDRESS"),
    ],
    ids=["itself", "own code", "one code for two", "one office for two", "short office", "no port"],
)
def test_what_cannot_be_told_apart_is_refused(
    monkeypatch: pytest.MonkeyPatch, partners: dict[str, dict[str, Any]], fault: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(monkeypatch, **partners)
    assert fault in str(refused.value)


def test_a_partner_that_is_called_as_an_agency_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGGUAN_GATEWAY__AGENCIES__TAX", "tax:7000")
    with pytest.raises(SettingsError, match="tax: is an agency"):
        loaded(monkeypatch, tax=HANGZHOU)
