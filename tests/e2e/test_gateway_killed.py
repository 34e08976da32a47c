"""kill -9 of the gateway in the middle of a run changes nothing in how the run ends."""

import subprocess
from pathlib import Path

import pytest
from district import TONGGUAN, District, count, district, eventually, sample, settled

pytestmark = pytest.mark.timeout(290)

# So that most are still to be submitted when the gateway is killed.
ONE_BY_ONE = ("--batch", "1", "--concurrency", "1")


def final_states(ningbo: District) -> dict[str, tuple[str, frozenset[tuple[str, str]]]]:
    """reference → state, and who is waited for, once all are settled."""
    eventually(
        lambda: all(settled(one) for one in ningbo.clearances()),
        within_s=60,
        otherwise=lambda: [one for one in ningbo.clearances() if not settled(one)][:3],
    )
    return {
        one["reference"]: (
            one["state"],
            frozenset((wait["party"], wait.get("factKind", "")) for wait in one.get("waiting", [])),
        )
        for one in ningbo.clearances()
    }


def test_a_run_with_the_gateway_killed_ends_in_the_same_states_as_an_undisturbed_one(tmp_path: Path) -> None:
    size = count(150, 500)
    file = sample(tmp_path / "sample.jsonl", size, seed=11)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    calm.mkdir()
    rough.mkdir()
    with district(calm) as ningbo:
        assert ningbo.tongguan("submit", str(file)).returncode == 0
        undisturbed = final_states(ningbo)
    assert len(undisturbed) == size

    with district(rough) as ningbo:
        run = subprocess.Popen([TONGGUAN, "submit", str(file), *ONE_BY_ONE, "--state", str(ningbo.state)])
        eventually(lambda: len(ningbo.clearances()) > 0, within_s=60, otherwise=ningbo.states)
        ningbo.kill("gateway")
        assert run.poll() is None, "it was over before the gateway was killed"
        assert ningbo.tongguan("start", "gateway").returncode == 0
        assert run.wait(120) == 0, "the submitting client did not ride out the restart"
        assert final_states(ningbo) == undisturbed
