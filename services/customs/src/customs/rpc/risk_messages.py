"""Reports and back-tests as messages."""

from clearance.common.v1.text_pb2 import BilingualText
from clearance.customs.v1 import risk_service_pb2 as pb
from customs.domain.risk.figures import Figures, share
from customs.domain.risk.profile import RANDOM, Lane
from customs.operations.reporting import Report, Trial
from customs.rpc.spans import bounds

AT_RANDOM = BilingualText(zh="随机最低布控", en="Random minimum")


def report_message(report: Report) -> pb.RiskReport:
    """A report."""
    begin, end = bounds(report.span)
    return pb.RiskReport(
        start_time=begin,
        end_time=end,
        profile_version=report.profile.version,
        profile_edition=report.profile.edition,
        expected_rate_millionths=report.profile.expected_rate,
        declared=report.declared,
        inspected=report.inspected,
        found=report.found,
        inspection_rate=share(report.inspected, report.declared),
        hit_rate=share(report.found, report.inspected),
        strata=[_stratum(each) for each in report.strata],
    )


def backtest_message(trial: Trial) -> pb.Backtest:
    """A back-test."""
    run = trial.run
    return pb.Backtest(
        profile_version=run.profile.version,
        profile_edition=run.profile.edition,
        declared=run.declared,
        other_lists=trial.other_lists,
        strata=[_stratum(each) for each in trial.strata],
        selections=[
            pb.PredictedSelection(
                clearance_number=each.clearance_number,
                lane=_LANES[each.lane],
                standing_lane=_LANES[each.standing],
                strata=[f"{name}/{version}" for name, version in each.strata],
            )
            for each in sorted(run.predictions, key=lambda each: each.clearance_number)
        ],
    )


_LANES = {lane: pb.Lane.ValueType(lane) for lane in Lane}


def _stratum(figures: Figures) -> pb.StratumFigures:
    counts, criterion = figures.counts, figures.criterion
    name, version = figures.stratum
    return pb.StratumFigures(
        id=name,
        version=version,
        text=BilingualText(zh=criterion.zh, en=criterion.en) if criterion else _text(name),
        concern=criterion.concern if criterion else "",
        lane=_LANES[counts.lane],
        declared=counts.declared,
        selected=counts.selected,
        filled=counts.filled,
        inspected=counts.inspected,
        found=counts.found,
        setting_rate_millionths=figures.setting_rate,
        current_rate_millionths=figures.current_rate,
        throttled=figures.throttled,
        selection_rate=share(counts.selected, counts.declared),
        inspection_rate=share(counts.inspected, counts.declared),
        hit_rate=share(counts.found, counts.inspected),
        standard_error=figures.standard_error,
    )


def _text(name: str) -> BilingualText | None:
    return AT_RANDOM if name == RANDOM else None
