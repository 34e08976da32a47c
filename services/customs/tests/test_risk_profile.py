"""Risk profiles are files; a bad one is refused with every fault it has."""

import re
from pathlib import Path

import pytest

from agencykit.list_files import ListsInvalid
from agencykit.settings import SettingsError
from agencykit.testing.virtual import virtual_time
from customs.app import LISTS, CustomsSettings, selection
from customs.domain.risk.profile import Concern, Lane
from customs.storage.risk_profile import parse_profile

DEFAULT = (LISTS / "risk.toml").read_text("utf-8")


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ListsInvalid) as refused:
        parse_profile(text)
    return refused.value.faults


def test_the_profile_that_comes_along_can_be_used_and_stays_low() -> None:
    profile = parse_profile(DEFAULT)
    assert (profile.random_rate, profile.expected_rate) == (20_000, 50_000)
    assert {criterion.concern for criterion in profile.criteria} == set(Concern)
    assert {criterion.lane for criterion in profile.criteria} == {Lane.RED, Lane.YELLOW, Lane.BLUE}


def test_the_profile_for_drills_selects_nothing() -> None:
    profile = parse_profile((LISTS / "risk_nothing.toml").read_text("utf-8"))
    assert (profile.random_rate, profile.expected_rate, profile.criteria) == (0, 0, ())


def test_a_concerns_weight_multiplies_the_rates_of_its_criteria_up_to_all() -> None:
    heavier = re.sub(r'environment = "1"', 'environment = "2.5"', DEFAULT)
    heaviest = re.sub(r'environment = "1"', 'environment = "9"', DEFAULT)
    assert [parse_profile(text).by_id["R-101"].rate for text in (DEFAULT, heavier, heaviest)] == [
        300_000,
        750_000,
        1_000_000,
    ]
    assert parse_profile(heavier).by_id["R-102"].rate == parse_profile(DEFAULT).by_id["R-102"].rate


def test_another_text_is_another_edition() -> None:
    assert parse_profile(DEFAULT).edition != parse_profile(DEFAULT + "\n").edition


def test_every_fault_is_named_at_once() -> None:
    bad = (
        DEFAULT.replace('concern = "environment"', 'concern = "greed"')
        .replace('lane = "yellow"', 'lane = "purple"')
        .replace('hs_prefixes = ["9405", "9503"]', 'hs_prefixes = ["94O5"]')
        .replace('random_minimum_percent = "2"', 'random_minimum_percent = "200"')
        .replace('id = "R-107"', 'id = "R-105"')
    )
    found = "\n".join(faults(bad))
    for part in ("R-101: 'greed'", "R-103: purple", "'94O5'", "200", "R-108: purple"):
        assert part in found
    assert faults(DEFAULT.replace('id = "R-107"', 'id = "R-105"')) == ("criterion R-105: stands twice",)
    assert faults("version = ")
    assert faults("")


@pytest.mark.parametrize("text", [f"a = {'[' * 20_000}", f"a = {'9' * 5_000}"], ids=["nested", "digits"])
def test_what_the_reader_of_toml_itself_chokes_on_is_a_fault_like_others(text: str) -> None:
    assert faults(text)[0].startswith("not TOML")


def test_a_name_that_no_database_would_keep_is_refused_at_the_start() -> None:
    assert "printable" in "".join(faults(DEFAULT.replace('id = "R-107"', 'id = "R-1\\u0000"')))


def test_customs_does_not_start_on_a_bad_profile(tmp_path: Path) -> None:
    (tmp_path / "risk.toml").write_text(DEFAULT.replace("window_hours = 720", "window_hours = 0"))
    with virtual_time(1) as world, pytest.raises(SettingsError) as refused:
        selection(CustomsSettings(risk_profile_file=tmp_path / "risk.toml"), world.runtime)
    assert "risk.toml" in str(refused.value)
    assert "0 is not a whole number" in str(refused.value)
