"""Releases by hand on the command line of a running district."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]


def test_what_agencies_have_decided_cannot_be_released_by_hand_and_the_refusal_says_so(
    district: Any, sample: Callable[[int, int], str], submit_until_decided: Callable[..., list[dict[str, Any]]]
) -> None:
    [clearance] = submit_until_decided(district, sample(1, 61))
    said = ("--absent", "customs", "--code", "SYSTEM_OUTAGE", "--paper", "NB-88", "--reason", "系统中断")
    refused = district("release", "order", clearance["number"], *said)
    assert refused.returncode == 1
    assert "FORBIDDEN" in refused.stderr or "STATE_FORBIDS" in refused.stderr
    assert district("--as", "officer-customs", "release", "order", clearance["number"], *said).returncode == 4
    assert district("release", "list").stdout == "nothing is to be reconciled\n"
    table = district("release", "table").stdout
    assert "SYSTEM_OUTAGE" in table
    assert "after minutes" in table
