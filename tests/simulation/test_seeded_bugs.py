"""The simulation finds faults: each that is built in on purpose is found, by what it leads to."""

import pytest
from clearance_model import play
from seeded_bugs import BUGS

pytestmark = pytest.mark.timeout(900)
# So many seeds find each seeded bug, or nobody does.
FEW = 25


@pytest.mark.parametrize("name", BUGS)
def test_a_fault_that_somebody_builds_in_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very seeds pass without it (test_clearance_model.py)."""
    bug, findings, first = BUGS[name]
    bug(monkeypatch)
    finding = next((found for seed in range(first, first + FEW) if (found := finding_of(seed))), "nothing")
    assert finding.startswith(findings), f"{name}: {finding}"


def finding_of(seed: int) -> str:
    """What goes wrong under this seed; empty where nothing does."""
    try:
        play(seed)
    except AssertionError as finding:
        return str(finding)
    return ""
