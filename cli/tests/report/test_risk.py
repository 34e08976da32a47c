"""Risk selection's figures as tables."""

from clearance.customs.v1 import risk_service_pb2 as pb
from tongguan.console import PlainConsole
from tongguan.report.risk import backtest_report, risk_report

CHANCE = pb.StratumFigures(
    id="RANDOM",
    version=1,
    lane=pb.LANE_RED,
    declared=20_000,
    selected=420,
    inspected=419,
    found=9,
    setting_rate_millionths=20_000,
    current_rate_millionths=20_000,
    selection_rate=0.021,
    inspection_rate=0.02095,
    hit_rate=9 / 419,
    standard_error=0.00099,
)
SCRAP = pb.StratumFigures(
    id="R-101",
    version=2,
    lane=pb.LANE_RED,
    concern="environment",
    declared=90,
    selected=30,
    filled=3,
    inspected=30,
    setting_rate_millionths=300_000,
    current_rate_millionths=60_000,
    throttled=True,
)


def shown(what: object) -> str:
    console = PlainConsole(width=220)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


def test_each_stratum_is_told_with_its_rates_and_the_baseline_with_its_distance() -> None:
    SCRAP.text.en = "scrap"
    report = pb.RiskReport(declared=20_000, inspected=450, strata=[CHANCE, SCRAP], expected_rate_millionths=50_000)
    told = shown(risk_report(report, "en"))
    assert "R-101/2" in told
    assert "6 throttled" in told
    assert "random minimum: 2.10 % drawn, set to 2 %: 1.0 standard errors away" in told
    assert "20000 declared, 450 inspected" in told
    assert "expected 5 %" in told


def test_a_back_test_tells_who_would_be_led_elsewhere() -> None:
    selections = [
        pb.PredictedSelection(
            clearance_number="310020040001", lane=pb.LANE_RED, standing_lane=pb.LANE_GREEN, strata=["R-101/2"]
        ),
        pb.PredictedSelection(clearance_number="310020040002", lane=pb.LANE_RED, standing_lane=pb.LANE_RED),
        *(pb.PredictedSelection(clearance_number=f"N{n}", lane=1, standing_lane=4) for n in range(30)),
    ]
    told = shown(backtest_report(pb.Backtest(declared=500, selections=selections), "en"))
    assert "310020040001: green → red R-101/2" in told
    assert "310020040002" not in told, "where nothing changes there is nothing to tell"
    assert "… and 11 more" in told
    assert "run over 500 clearances; nothing was put in force" in told
