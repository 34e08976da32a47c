"""Guarantees on the command line."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tongguan.failures import Misused
from tongguan.guarantees import money

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]
Lines = Callable[[Any], list[dict[str, Any]]]
GRN, OWN, VOUCHER = "19XX0040191000015", "19XX0040191000024", "04CN0000000000052A000001"


def test_a_guarantee_is_entered_shown_changed_and_reckoned(
    district: Any, json_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGGUAN_ACCESS_CODE", "7Q4M")
    entered = district("guarantee", "register", GRN, "--holder", "3302961234", "--limit", "10000.00")
    assert entered.returncode == 0, entered.stderr
    assert "10000.00 CNY available, 0.00 CNY held, 0.00 CNY confirmed" in entered.stdout
    assert "7Q4M" not in entered.stdout
    [shown] = json_lines(district("guarantee", "change", GRN, "--suspend", "--limit", "2500.5", "--json"))
    assert (shown["state"], shown["availableUnits"]) == ("STATE_SUSPENDED", "250050")
    assert "stands for 担保验放" in district("guarantee", "change", GRN, "--for-scheme").stdout
    assert "担保验放" not in district("guarantee", "change", GRN, "--not-for-scheme").stdout
    assert district("guarantee", "uses", GRN).stdout == f"{GRN}: not in use\n"
    assert GRN in district("guarantee", "list", "--holder", "3302961234").stdout
    assert GRN not in district("guarantee", "list", "--short").stdout
    assert district("guarantee", "claims", GRN, "--overdue").stdout == "no such claim\n"
    reckoned = district("guarantee", "reconcile")
    assert (reckoned.returncode, reckoned.stdout.endswith("all balances agree\n")) == (0, True)


def test_a_guarantee_with_faults_is_refused_with_each_of_them(district: Any) -> None:
    refused = district("guarantee", "register", VOUCHER[:-8] + "3", "--holder", "3302961234", "--limit", "0")
    assert refused.returncode == 1
    for fault in ("check_digit", "guarantee.amount", "guarantee.access_code"):
        assert fault in refused.stderr
    assert district("guarantee", "show", "04CN0000000000053").returncode == 1


@pytest.mark.parametrize("text", ["1.005", "NaN", "-1", "ten", "1e30", "92233720368547758.08"])
def test_an_amount_that_cannot_be_counted_exactly_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        money(text, "CNY")


def test_an_amount_is_counted_in_the_currencys_smallest_unit() -> None:
    assert [money("12", code).minor_units for code in ("CNY", "JPY", "BHD")] == [1_200, 12, 12_000]


def test_goods_of_a_doubted_price_go_on_guarantee_and_it_returns_once_the_price_is_settled(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TONGGUAN_ACCESS_CODE", "7Q4M")
    lines = [json.loads(line) for line in sample(1, 118).splitlines()]
    consignment = lines[-1]["submission"]["consignment"]
    for price in (consignment["invoiceTotal"], *(item["value"] for item in consignment["items"])):
        price["minorUnits"] = f"{price['minorUnits']}0000"
    [clearance] = submit_until_decided(district, "\n".join(map(json.dumps, lines)))
    number, holder = clearance["number"], consignment["trader"]["identifier"]
    assert "agrees on a guarantee of" in district("show", number).stdout
    assert district("guarantee", "register", OWN, "--holder", holder, "--limit", "1.00").returncode == 0
    refused = district("guarantee", "release", number, "--grn", OWN)
    assert (refused.returncode, "GUARANTEE_INSUFFICIENT" in refused.stdout) == (1, True), refused.stderr
    assert district("guarantee", "change", OWN, "--limit", "9999999999.00").returncode == 0
    asked = district("guarantee", "release", number, "--grn", OWN)
    assert (asked.returncode, "CONFIRMED" in asked.stdout) == (0, True), asked.stderr
    assert "7Q4M" not in asked.stdout + asked.stderr
    wait_for(lambda: "RELEASED_ON_GUARANTEE" in district("show", number).stdout)
    wait_for(lambda: "to be settled by" in district("guarantee", "releases", number).stdout)
    assert "to be settled within 90 days of release" in " ".join(district("show", number).stdout.split())
    there = ("--agency", "customs", "--json")
    [review] = json_lines(district("work", "list", "--clearance", number, *there))
    assert district("work", "take", review["id"], *there).returncode == 0
    settled = ("--outcome", "cleared", "--reason", "invoice and payment agree")
    assert district("work", "record", review["id"], *settled, *there).returncode == 0
    wait_for(lambda: "CREDITED" in district("guarantee", "releases", number).stdout)
    assert "kept by ningbo" in district("guarantee", "releases", number).stdout
    assert "0.00 CNY held, 0.00 CNY confirmed" in district("guarantee", "show", OWN).stdout
    assert district("guarantee", "claim", number, "--reason", "too late").returncode == 1
    assert district("guarantee", "release", number).returncode == 2
