"""Under load, replicas are stopped and started one after the other, and their database too: a client that tries again
sees no failure.
"""

from pathlib import Path

import pytest
from district import count, eventually
from replicated import Replicated
from under_load import all_settled, load

pytestmark = [pytest.mark.timeout(1500), pytest.mark.full]
ROUNDS = count(1, 2)


def test_every_replica_is_restarted_in_turn_and_no_client_notices(ningbo: Replicated, tmp_path: Path) -> None:
    replicas = [each["replica"] for each in ningbo.standing() if each["replica"] != "postgres"]
    several = [each for each in replicas if f"{each.partition('-')[0]}-2" in replicas]
    with load(ningbo, tmp_path, 1000) as answered:
        begun = answered()
        for _ in range(ROUNDS):
            for replica in several:
                restarted = ningbo.tongguan("restart", replica)
                assert restarted.returncode == 0, restarted.stderr
        assert answered() > begun
    all_settled(ningbo)


def test_the_database_is_killed_every_few_seconds_and_nothing_that_was_answered_is_lost(
    ningbo: Replicated, tmp_path: Path
) -> None:
    before = {each["number"] for each in ningbo.clearances()}
    with load(ningbo, tmp_path, 2000) as answered:
        for _ in range(3 * ROUNDS):
            ningbo.strike("postgres")
            ningbo.begin("postgres")
            begun = answered()
            eventually(lambda: answered() > begun, within_s=90, otherwise=ningbo.standing)  # noqa: B023
    all_settled(ningbo)
    assert before < {each["number"] for each in ningbo.clearances()}
    ningbo.whole()
