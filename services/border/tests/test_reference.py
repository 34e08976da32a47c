"""Border goes by lists that an agency replaces, and does not start on a bad one."""

from datetime import timedelta
from pathlib import Path

import pytest

from agencykit.settings import SettingsError
from border.domain.consignment import Mode
from border.storage.reference import read_lists


def test_the_lists_that_come_with_border_are_those_of_the_public_texts() -> None:
    lists = read_lists(None, None)
    ship = lists.formalities[Mode.SEA]
    assert (ship.arrival_notice, ship.arrival_application) == (timedelta(hours=24), timedelta(days=7))
    assert ship.entry_term == timedelta(hours=24)
    assert (ship.departure_notice, ship.crew_list, ship.permit) == (timedelta(hours=4), True, True)
    assert {"CN", "PA", "GB"} <= lists.countries
    assert "QQ" not in lists.countries
    assert len(lists.countries) == 249


def test_an_agency_may_bring_lists_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "formalities.toml").write_text("[AIR]\narrival_notice_hours = 3\n")
    (tmp_path / "countries.csv").write_text("# ours\nCN,HK\nMO\n")
    lists = read_lists(tmp_path / "formalities.toml", tmp_path / "countries.csv")
    assert lists.formalities[Mode.AIR].arrival_notice == timedelta(hours=3)
    assert Mode.SEA not in lists.formalities
    assert lists.countries == {"CN", "HK", "MO"}


def test_every_fault_of_both_lists_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "formalities.toml").write_text(
        '[BALLOON]\n[SEA]\ncrew = true\narrival_notice_hours = -1\npermit = "no"\n'
    )
    (tmp_path / "countries.csv").write_text("CN,China\n")
    with pytest.raises(SettingsError) as refused:
        read_lists(tmp_path / "formalities.toml", tmp_path / "countries.csv")
    told = " ".join(refused.value.faults)
    for named in ("BALLOON", "SEA.crew", "SEA.arrival_notice_hours", "SEA.permit", "'China'"):
        assert named in told


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"= 1"])
def test_a_list_that_cannot_be_read_is_a_fault_and_no_crash(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "formalities.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="formalities_file"):
        read_lists(file, None)
