"""24 hours by sea, 10 by air, 8 in special areas (D1)."""

import pytest

from gateway.domain.commitment import Journey, commitment

ACCEPTED = 1_100_649_600_000_000
TOMORROW = ACCEPTED + 86_400_000_000


@pytest.mark.parametrize(
    ("mode", "special_area", "hours", "rule_id"),
    [
        ("sea", "", 24, "COMMIT-SEA"),
        ("air", "", 10, "COMMIT-AIR"),
        ("sea", "NB-BONDED", 8, "COMMIT-SPECIAL-AREA"),
        ("air", "NB-EPZ", 8, "COMMIT-SPECIAL-AREA"),
        ("rail", "", 0, "COMMIT-NONE"),
        ("unstated", "", 0, "COMMIT-NONE"),
    ],
)
def test_the_promise_follows_from_area_and_mode(mode: str, special_area: str, hours: int, rule_id: str) -> None:
    found = commitment(Journey("import", mode, special_area, None), ACCEPTED)
    assert (found.hours, found.rule_id) == (hours, rule_id)


@pytest.mark.parametrize(("arrival", "start"), [(None, ACCEPTED), (ACCEPTED - 1, ACCEPTED), (TOMORROW, TOMORROW)])
def test_the_clock_starts_at_acceptance_or_arrival_whichever_is_later(arrival: int | None, start: int) -> None:
    assert commitment(Journey("import", "sea", "", arrival), ACCEPTED).start_time == start
