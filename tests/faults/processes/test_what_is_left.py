"""Once all has been done to the district that is done to it in this folder, what it holds proves itself."""

from pathlib import Path

import pytest
from district import inside
from edged import Edged
from stood import proven


@pytest.fixture
def worked(ningbo: Edged) -> Edged:
    """It has cleared something, also where this file runs alone."""
    if not ningbo.clearances():
        with ningbo.submitting(8):
            pass
    ningbo.rest()
    return ningbo


def test_every_log_and_audit_holds(worked: Edged, tmp_path: Path) -> None:
    proven(worked, tmp_path)


def test_the_evidence_of_what_was_released_holds_offline(worked: Edged, tmp_path: Path) -> None:
    released = next(one["number"] for one in worked.clearances() if one["state"] == "STATE_RELEASED")
    file = tmp_path / "released.evidence.json"
    inside("evidence", "export", released, "--file", str(file), "--state", str(worked.state))
    assert "holds" in inside("evidence", "verify", str(file), "--state", str(worked.state))


def test_all_balances_of_the_guarantee_ledger_agree(worked: Edged) -> None:
    assert "all balances agree" in inside("guarantee", "reconcile", "--state", str(worked.state))
