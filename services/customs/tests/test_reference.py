"""The published lists: the examples are whole, and a bad file is refused with all its faults."""

from dataclasses import replace
from pathlib import Path

import pytest

from agencykit.list_files import ListsInvalid
from agencykit.settings import SettingsError
from customs.app import CustomsSettings, definition
from customs.domain.consignment import Direction
from customs.domain.reference import CodeState, Reference
from customs.storage.reference import ReferenceFiles, load_reference


def test_every_chapter_of_the_harmonized_system_is_known(reference: Reference) -> None:
    chapters = {f"{number:02}" for number in range(1, 98)} - {"77"}
    assert chapters == {prefix for prefix in reference.schedule if len(prefix) == 2}


def test_every_country_and_the_currencies_with_a_rate_are_known(reference: Reference) -> None:
    assert len(reference.countries) == 249
    assert set(reference.charges.billionths_of_yuan) <= set(reference.currency_digits)
    assert "XAU" not in reference.currency_digits


def test_the_longest_prefix_counts(reference: Reference) -> None:
    nuts, coils = (reference.commodity(code, Direction.IMPORT).line for code in ("73181631", "73209000"))
    assert nuts is not None
    assert coils is not None
    assert (nuts.prefix, coils.prefix) == ("7318", "73")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("", CodeState.MISSING),
        ("7318", CodeState.MALFORMED),
        ("73181631000", CodeState.MALFORMED),
        ("731816３1", CodeState.MALFORMED),
        ("99000000", CodeState.UNKNOWN),
        ("731816", CodeState.KNOWN),
    ],
)
def test_codes_are_told_by_form_and_chapter(reference: Reference, code: str, state: CodeState) -> None:
    assert reference.commodity(code, Direction.EXPORT).state is state


def test_lists_hold_for_their_direction_only(reference: Reference) -> None:
    worn = [reference.commodity("63090000", way).prohibition is not None for way in Direction]
    scrap = [bool(reference.commodity("72044900", way).controls) for way in Direction]
    assert (worn, scrap) == ([True, False], [True, False])


def test_another_file_is_another_edition(reference: Reference, tmp_path: Path) -> None:
    countries = tmp_path / "countries.txt"
    countries.write_text("CN GB\n")
    changed = load_reference(replace(ReferenceFiles(), countries=countries))
    assert changed.countries == {"CN", "GB"}
    assert changed.edition != reference.edition


def test_every_fault_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.csv"
    schedule.write_text(
        "prefix,duty_percent,general_percent,vat_percent,low_cny_per_kg,high_cny_per_kg,name_zh,name_en\n"
        "7x,8,30,17,1,5000,钢,Steel\n"
        "74,eight,30,17,5,1000,铜,Copper\n"
        "75,8,30,17,9,3,镍,Nickel\n"
        "76,8,30,17\n"
    )
    charges = tmp_path / "charges.toml"
    charges.write_text('[yuan_for_one]\nGBX = "15"\n')
    licences = tmp_path / "licences.csv"
    licences.write_text("prefix,codes\n")
    missing = tmp_path / "none.csv"
    files = replace(ReferenceFiles(), schedule=schedule, charges=charges, licence_list=licences, prohibited=missing)
    with pytest.raises(ListsInvalid) as refused:
        load_reference(files)
    places = [fault.removeprefix(f"{tmp_path}/").partition(": ")[0] for fault in refused.value.faults]
    assert places == [
        "none.csv",
        *(f"schedule.csv:{line}" for line in (2, 3, 4, 5)),
        "licences.csv:1",
        "charges.toml",
        "schedule.csv",
    ]


def test_charges_say_within_what_time_a_guarantee_is_settled_or_take_the_default(tmp_path: Path) -> None:
    charges, given = tmp_path / "charges.toml", ReferenceFiles().charges.read_text("utf-8")
    assert given.count("[guarantee]\ndays = 90") == 1
    days = {"": 90, "[guarantee]\ndays = 20": 20}
    for text, told in days.items():
        charges.write_text(given.replace("[guarantee]\ndays = 90", text))
        assert load_reference(replace(ReferenceFiles(), charges=charges)).charges.guarantee_days == told
    charges.write_text(given.replace("[guarantee]\ndays = 90", "[guarantee]\ndays = 0"))
    with pytest.raises(ListsInvalid):
        load_reference(replace(ReferenceFiles(), charges=charges))


def test_bad_lists_are_refused_as_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        definition(CustomsSettings(schedule_file=tmp_path / "none.csv", country_file=tmp_path / "none.txt"))
    assert [fault.rpartition(": ")[2] for fault in refused.value.faults] == ["No such file or directory"] * 2
