"""Joint examinations on a running district: the port's slot, the agencies' consent, one opening, each one's result."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]
SCANNER = "BEILUN-2/SCANNER"


def test_one_opening_serves_all_agencies_that_want_to_examine(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
) -> None:
    submitted = submit_until_decided(district, sample(60, 83))
    [number, *_] = [each["number"] for each in submitted if each["state"] == "STATE_EXAMINATION"]
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    late = district("examination", "arrange", number, "--resource", "NOWHERE", "--from", begin.isoformat(), "--json")
    assert late.returncode == 1
    assert [each["state"] for each in json_lines(late)] == ["STATE_DECLINED"]
    arranged = district("examination", "arrange", number, "--resource", SCANNER, "--from", begin.isoformat(), "--json")
    [examination] = json_lines(arranged)
    assert examination["state"] == "STATE_ARRANGED", examination
    booked = json_lines(district("slot", "booked", "--json"))
    assert examination["appointmentId"] in [each["id"] for each in booked]
    opened = district("examination", "open", number, "--outcome", "cleared", "--reason", "as declared")
    assert opened.returncode == 0, opened.stderr
    assert all(f"{agency}: cleared" in opened.stdout for agency in examination["agencies"])

    def decided_again() -> bool:
        [clearance] = json_lines(district("show", number, "--json"))
        return clearance["state"] != "STATE_EXAMINATION"

    wait_for(decided_again)
    listed = json_lines(district("examination", "list", number, "--json"))
    assert [each["state"] for each in listed] == ["STATE_DECLINED", "STATE_OPENED"]
    assert district("examination", "cancel", number).returncode == 1
