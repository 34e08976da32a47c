"""Risk selection's figures and back-tests as tables."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from clearance.customs.v1 import risk_service_pb2 as pb
from tongguan.report.tables import table

MILLIONTHS_OF_PERCENT = 10_000
CHANGES_SHOWN = 20
_NUMBERS = (
    "declared",
    "selected",
    "filled",
    "inspected",
    "found",
    "set to",
    "now",
    "selected %",
    "inspected %",
    "hit %",
)


def risk_report(report: pb.RiskReport, language: str) -> RenderableType:
    """The whole and its strata."""
    expected = _rate(report.expected_rate_millionths)
    whole = (
        f"{report.declared} declared, {report.inspected} inspected ({_percent(report.inspection_rate)} %, "
        f"expected {expected} %), {report.found} with a find ({_percent(report.hit_rate)} % of those inspected)"
    )
    said = [_chance(stratum) for stratum in report.strata[:1]]
    profile = f"profile {report.profile_version} ({report.profile_edition})"
    return Group(_strata(f"Risk selection, {profile}", report.strata, language), "", whole, *said)


def backtest_report(backtest: pb.Backtest, language: str) -> RenderableType:
    """The strata under the profile tried, and who would be led elsewhere."""
    name = f"Back-test of profile {backtest.profile_version} ({backtest.profile_edition})"
    lanes = Counter((_lane(each.standing_lane), _lane(each.lane)) for each in backtest.selections)
    moved = table("Lanes", "stands in", "would be in", "clearances", numbers=["clearances"])
    for (before, after), count in sorted(lanes.items()):
        moved.add_row(before, after, str(count), style="bold" if before != after else None)
    parts: list[RenderableType] = [_strata(name, backtest.strata, language), "", moved, ""]
    parts.append(f"run over {backtest.declared} clearances; nothing was put in force")
    if backtest.other_lists:
        parts.append(f"{backtest.other_lists} of them were decided by other published lists than today's")
    return Group(*parts, *_changes(backtest.selections))


def _strata(title: str, strata: Sequence[pb.StratumFigures], language: str) -> Table:
    made = table(title, "stratum", "lane", "concern", *_NUMBERS, "what", numbers=_NUMBERS)
    for one in strata:
        now = f"{_rate(one.current_rate_millionths)}{' throttled' if one.throttled else ''}"
        counts = (one.declared, one.selected, one.filled, one.inspected, one.found)
        rates = (_percent(one.selection_rate), _percent(one.inspection_rate), _percent(one.hit_rate))
        words = one.text.zh if language == "zh" else one.text.en
        name = one.id if one.id == "RANDOM" else f"{one.id}/{one.version}"
        setting = _rate(one.setting_rate_millionths)
        made.add_row(name, _lane(one.lane), one.concern or "-", *map(str, counts), setting, now, *rates, words or "-")
    return made


def _chance(stratum: pb.StratumFigures) -> str:
    """How far the random stratum's rate lies from its setting, in standard errors."""
    away = stratum.selection_rate - stratum.setting_rate_millionths / 10**6
    errors = abs(away) / stratum.standard_error if stratum.standard_error else 0.0
    setting = _rate(stratum.setting_rate_millionths)
    drawn = _percent(stratum.selection_rate)
    return f"random minimum: {drawn} % drawn, set to {setting} %: {errors:.1f} standard errors away"


def _changes(selections: Sequence[pb.PredictedSelection]) -> list[str]:
    changed = [each for each in selections if each.lane != each.standing_lane]
    lines = [
        f"{each.clearance_number}: {_lane(each.standing_lane)} → {_lane(each.lane)} {', '.join(each.strata)}".rstrip()
        for each in changed[:CHANGES_SHOWN]
    ]
    more = len(changed) - len(lines)
    return [*lines, *([f"… and {more} more; --json lists all"] if more else [])]


def _lane(lane: "pb.Lane.ValueType") -> str:
    return pb.Lane.Name(lane).removeprefix("LANE_").lower()


def _percent(share: float) -> str:
    return f"{share * 100:.2f}"


def _rate(millionths: int) -> str:
    return f"{millionths / MILLIONTHS_OF_PERCENT:g}"
