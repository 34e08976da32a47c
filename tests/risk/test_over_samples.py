"""Selection over whole samples: the random stratum keeps its setting, and a back-test predicts what a replay yields.

The traffic of a sample goes through customs hour by hour; after each hour an officer opens what was selected and reads
in the hidden truth what is inside. Then a changed profile is tried on it, and the same traffic goes through a second
customs that has the first one's secret, the changed profile, and an officer who finds what the first one found.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import pytest
from district import count
from selecting import Customs, Finds, Traffic, customs_alone, traffic

from agencykit.testing.virtual import World, virtual_time
from clearance.customs.v1 import risk_service_pb2 as pb

pytestmark = pytest.mark.timeout(900)

SIZE, HOURS = count(700, 20_000), count(4, 10)
SEEDS = range(1, count(1, 10) + 1)
HOUR_SECONDS = 3600.0
THROTTLED_AFTER = count(2, 4)
DEFAULT = (files("customs") / "data" / "risk.toml").read_text("utf-8")
# More at random, another target, a throttle that bites, heavier fraud, and a criterion that was not there.
CHANGED = (
    DEFAULT.replace('version = "2004-1"', 'version = "2004-2"')
    .replace('random_minimum_percent = "2"', 'random_minimum_percent = "3"')
    .replace('expected_percent = "5"', 'expected_percent = "8"')
    .replace("inspected = 40", f"inspected = {THROTTLED_AFTER}")
    .replace('fraud = "1"', 'fraud = "1.5"')
    + """
[[criterion]]
id = "R-201"
version = 1
zh = "日本、韩国原产机电零件"
en = "Parts from Japan and Korea"
concern = "fraud"
lane = "red"
rate_percent = "8"
[criterion.when]
directions = ["import"]
origins = ["JP", "KR"]
"""
)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Told:
    """What a run left behind."""

    report: pb.RiskReport
    lanes: dict[str, int]
    strata: dict[tuple[str, int], tuple[int, int, int, int, int]]
    backtest: pb.Backtest
    """Of the changed profile."""
    same: pb.Backtest
    """Of the profile that was in force."""
    examined: Finds
    secret: bytes
    barren: bool
    """Whether at the beginning of some hour a stratum had had its chances and found nothing."""


def in_virtual_time(story: Callable[[World], Awaitable[Result]], seed: int = 2004) -> Result:
    with virtual_time(seed) as world:
        return world.loop.run_until_complete(story(world))


async def day(customs: Customs, sample: Traffic) -> None:
    """The sample's traffic in equal hours, each followed by the officer's rounds."""
    await customs.register(sample)
    numbers = list(sample.consignments)
    share = -(-len(numbers) // HOURS)
    for place in range(0, len(numbers), share):
        await customs.declare({number: sample.consignments[number] for number in numbers[place : place + share]})
        await customs.examine()
        await asyncio.sleep(HOUR_SECONDS)


async def told(customs: Customs) -> Told:
    """Reads everything; lanes and strata from customs' own rows."""
    report = await customs.report()
    marks = await customs.rows("SELECT clearance_number, lane, way FROM risk_marks WHERE way > 0")
    lanes: dict[str, int] = {}
    for number, lane, way in marks:
        lanes[number] = max(lanes.get(number, 0), pb.LANE_RED if way == 2 else lane)
    [(secret,)] = await customs.rows("SELECT secret FROM risk_secrets")
    changed, same = await customs.backtest(CHANGED), await customs.backtest(DEFAULT)
    snapshots = [json.loads(content) for (content,) in await customs.rows("SELECT content FROM risk_snapshots")]
    results = [result for snapshot in snapshots for result in snapshot["results"]]
    barren = any(seen >= THROTTLED_AFTER and not found for name, _, seen, found in results if name != "RANDOM")
    return Told(report, lanes, counts(report.strata), changed, same, customs.examined, bytes(secret), barren)


def counts(strata: object) -> dict[tuple[str, int], tuple[int, int, int, int, int]]:
    return {
        (one.id, one.version): (one.declared, one.selected, one.filled, one.inspected, one.found)
        for one in strata  # type: ignore[attr-defined]
    }


def live(folder: Path, sample_seed: int) -> Told:
    """The sample under the profile that comes along, examined by an officer who knows the truth."""

    async def story(world: World) -> Told:
        sample = traffic(SIZE, sample_seed, world)
        async with customs_alone(folder, world, DEFAULT, sample.truth) as customs:
            await day(customs, sample)
            return await told(customs)

    return in_virtual_time(story, seed=sample_seed)


def replay(folder: Path, sample_seed: int, first: Told) -> Told:
    """The same traffic under the changed profile, with what the first officer found in those he opened."""

    async def story(world: World) -> Told:
        sample = traffic(SIZE, sample_seed, world)
        async with customs_alone(folder, world, CHANGED, first.examined) as customs:
            await customs.take_secret(first.secret)
            await day(customs, sample)
            return await told(customs)

    return in_virtual_time(story)


@pytest.fixture(scope="module", params=SEEDS)
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Told]:
    return request.param, live(tmp_path_factory.mktemp("live"), request.param)


def test_the_random_stratum_keeps_its_setting_within_four_standard_errors(first: tuple[int, Told]) -> None:
    report = first[1].report
    chance = report.strata[0]
    assert (chance.id, chance.declared, report.declared) == ("RANDOM", SIZE, SIZE)
    assert abs(chance.selection_rate - 0.02) <= 4 * chance.standard_error
    assert chance.standard_error == pytest.approx((0.02 * 0.98 / SIZE) ** 0.5)


def test_the_report_tells_inspection_rate_and_hit_rate_of_each_stratum_as_they_were(first: tuple[int, Told]) -> None:
    _, seen = first
    for one in seen.report.strata:
        if one.declared:
            assert one.inspection_rate == one.inspected / one.declared
        assert one.hit_rate == (one.found / one.inspected if one.inspected else 0.0)
        assert one.found <= one.inspected <= one.selected <= one.declared
    assert seen.report.inspected == len(seen.examined)
    assert seen.report.found == sum(bool(finds) for finds in seen.examined.values())
    targeted = [one for one in seen.report.strata if one.id != "RANDOM"]
    chance, inspected = seen.report.strata[0], sum(one.inspected for one in targeted)
    share, base = sum(one.found for one in targeted) / inspected, chance.hit_rate
    noise = (base * (1 - base) * (1 / chance.inspected + 1 / inspected)) ** 0.5  # about 0.01 at full counts
    assert share + noise > base, "criteria find more than chance does"


def test_the_inspection_rate_is_filled_to_what_is_expected(first: tuple[int, Told]) -> None:
    """From the second hour on; what is missing in the first is made up for."""
    seen = first[1]
    examined = sum(lane == pb.LANE_RED for lane in seen.lanes.values()) / SIZE
    assert 0.035 < examined < 0.065
    assert any(one.filled for one in seen.report.strata)


def test_the_back_test_predicts_what_a_replay_under_the_changed_profile_yields(
    first: tuple[int, Told], tmp_path: Path
) -> None:
    seed, before = first
    after = replay(tmp_path, seed, before)
    predicted = {one.clearance_number: one.lane for one in before.backtest.selections if one.lane > pb.LANE_GREEN}
    assert before.backtest.declared == SIZE
    assert predicted == after.lanes
    assert counts(before.backtest.strata) == after.strata
    assert before.lanes != after.lanes, "the changed profile selects others"
    assert {one.clearance_number: one.standing_lane for one in before.backtest.selections if one.standing_lane > 1} == (
        before.lanes
    )
    assert after.barren, "the throttle was part of it"


def test_a_back_test_of_the_profile_in_force_predicts_what_was_selected(first: tuple[int, Told]) -> None:
    seen = first[1]
    predicted = {one.clearance_number: one.lane for one in seen.same.selections if one.lane > pb.LANE_GREEN}
    assert predicted == seen.lanes
    assert counts(seen.same.strata) == seen.strata
