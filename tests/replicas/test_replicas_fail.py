"""Replicas that die or freeze: cases move on at the others, and who wakes up too late writes nothing."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from district import TONGGUAN, count, eventually, sample, settled
from replicated import LEASE_SECONDS, Replicated

pytestmark = pytest.mark.timeout(280)
HELD_BY = "SELECT count(*) FROM cases WHERE claimed_by = '{}'"


@contextmanager
def submitting(ningbo: Replicated, file: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A client that tries again, while the block runs; it must get an answer to everything."""
    command = [TONGGUAN, "submit", str(file), "--state", str(ningbo.state), "--json", "--timeout", "90", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as client:
        try:
            yield client
            assert client.wait(120) == 0, client.stderr.read() if client.stderr else ""
        finally:
            client.kill()


def all_settled(ningbo: Replicated, size: int) -> None:
    """So many clearances, and none waits for a machine."""
    eventually(
        lambda: len(ningbo.clearances()) == size and all(settled(one) for one in ningbo.clearances()),
        within_s=60,
        otherwise=lambda: [one for one in ningbo.clearances() if not settled(one)][:3],
    )


def ordered_once(ningbo: Replicated) -> None:
    """No case has two orders of one number, and none two decisions of one revision."""
    twice = "SELECT number, order_number FROM orders GROUP BY number, order_number HAVING count(*) > 1"
    assert ningbo.rows("gateway", twice) == []
    again = "SELECT clearance_number, version, revision FROM decisions GROUP BY 1, 2, 3 HAVING count(*) > 1"
    assert ningbo.rows("customs", again) == []


@pytest.mark.full
def test_a_gateway_and_an_agency_replica_killed_under_load_lose_nothing(ningbo: Replicated, tmp_path: Path) -> None:
    before, size = len(ningbo.clearances()), count(60, 400)
    file = sample(tmp_path / "sample.jsonl", size, seed=21)
    with submitting(ningbo, file, "--batch", "2", "--concurrency", "4"):
        eventually(lambda: len(ningbo.clearances()) > before, within_s=30, otherwise=ningbo.states)
        ningbo.strike("gateway-2")
        ningbo.strike("customs-2")
    all_settled(ningbo, before + size)
    ordered_once(ningbo)
    assert {each["replica"] for each in ningbo.standing() if each["state"] == "has died"} == {"gateway-2", "customs-2"}
    for replica in ("gateway-2", "customs-2"):
        ningbo.begin(replica)
    ningbo.whole()


def test_a_gateway_frozen_past_its_lease_writes_nothing_when_it_wakes(ningbo: Replicated, tmp_path: Path) -> None:
    """Its cases are with the agencies when it freezes; customs answers it, and it hears of that far too late."""
    before, size = len(ningbo.clearances()), 12
    file = sample(tmp_path / "sample.jsonl", size, seed=22)
    silent = [each["replica"] for each in ningbo.standing() if each["replica"].startswith("customs")]
    fenced = len(ningbo.said("gateway", "record.fenced"))
    with submitting(ningbo, file, "--batch", "1", "--concurrency", "12"):
        with ningbo.frozen(*silent):
            eventually(
                lambda: ningbo.rows("gateway", HELD_BY.format("1")) > [(0,)],
                within_s=10,
                otherwise=lambda: ningbo.rows("gateway", "SELECT claimed_by, count(*) FROM cases GROUP BY 1"),
            )
            ningbo.freeze("gateway")
        [(held,)] = ningbo.rows("gateway", HELD_BY.format("1"))
        assert held
        eventually(
            lambda: ningbo.rows("gateway", HELD_BY.format("1")) == [(0,)],
            within_s=LEASE_SECONDS + 10,
            otherwise=lambda: ningbo.rows("gateway", "SELECT claimed_by, count(*) FROM cases GROUP BY 1"),
        )
        all_settled(ningbo, before + size)
        stands = "SELECT number, state, etag, order_number, update_time FROM cases ORDER BY number"
        moved_on = ningbo.rows("gateway", stands)
        ningbo.thaw("gateway")
        eventually(
            lambda: len(ningbo.said("gateway", "record.fenced")) > fenced,
            within_s=15,
            otherwise=lambda: ningbo.log("gateway")[-2000:],
        )
    assert ningbo.rows("gateway", stands) == moved_on
    ordered_once(ningbo)
    ningbo.whole()


@pytest.mark.full
def test_an_agency_frozen_over_its_questions_decides_nothing_twice_when_it_wakes(
    ningbo: Replicated, tmp_path: Path
) -> None:
    before, size = len(ningbo.clearances()), 40
    file = sample(tmp_path / "sample.jsonl", size, seed=23)
    ningbo.freeze("customs-2")
    with submitting(ningbo, file, "--batch", "1", "--concurrency", "8"):
        all_settled(ningbo, before + size)
    ningbo.thaw("customs-2")
    ningbo.whole()
    ordered_once(ningbo)
    parked = "SELECT number FROM parked"
    eventually(lambda: ningbo.rows("gateway", parked) == [], within_s=30, otherwise=ningbo.states)


@pytest.mark.full
def test_an_agency_that_was_replaced_under_its_name_while_it_was_frozen_can_write_no_more(
    ningbo: Replicated, tmp_path: Path
) -> None:
    """Whoever watches over services takes a frozen one for dead and starts it anew elsewhere."""
    before, size = len(ningbo.clearances()), 40
    ningbo.freeze("customs-2")
    with ningbo.successor("customs-2", tmp_path / "successor.log"):
        ningbo.thaw("customs-2")
        file = sample(tmp_path / "sample.jsonl", size, seed=24)
        with submitting(ningbo, file, "--batch", "1", "--concurrency", "4"):
            all_settled(ningbo, before + size)
        epochs = dict(ningbo.rows("customs", "SELECT log, epoch FROM logs"))
        assert epochs["customs/2"] > epochs["customs/1"]
        # It finds its name taken, and ends itself.
        eventually(lambda: ningbo.state_of("customs-2") == "has died", within_s=40, otherwise=ningbo.standing)
        assert len(ningbo.said("customs-2", "replica.superseded")) == 1
    ordered_once(ningbo)
    exported = ningbo.tongguan("audit", "export", "customs", "--out", str(tmp_path))
    assert exported.returncode == 0, exported.stderr
    verified = ningbo.tongguan("audit", "verify", str(tmp_path / "ningbo-customs.audit.jsonl"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    ningbo.begin("customs-2")
    ningbo.whole()
