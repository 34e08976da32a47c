"""Customs' schemes as a table."""

from clearance.common.v1.text_pb2 import BilingualText
from clearance.customs.v1 import scheme_service_pb2 as pb
from tongguan.console import PlainConsole
from tongguan.report.schemes import schemes_report

NOT_USED = BilingualText(zh="未在货物运抵前申报", en="Not declared before the goods arrived")
AHEAD = pb.SchemeFigures(
    id="BUSY_PORT",
    text=BilingualText(zh="业务量大的口岸进口提前报关", en="Declaration before arrival at busy ports"),
    rule_id="CUS-195",
    granted=True,
    entitled=40,
    delivered=30,
    delivered_rate=0.75,
    withheld=[
        pb.WithheldFigures(reason="NOT_USED", text=NOT_USED, count=7),
        pb.WithheldFigures(reason="CUS-122", count=3),
    ],
)
HOME = pb.SchemeFigures(id="HOME", text=BilingualText(en="Declared at home"), rule_id="CUS-203")


def shown(language: str) -> str:
    console = PlainConsole(width=240)
    with console.capture() as captured:
        console.print(schemes_report(pb.SchemeReport(declared=90, schemes=[AHEAD, HOME]), language))
    return " ".join(captured.get().split())


def test_each_scheme_is_told_with_what_stood_against_it() -> None:
    told = shown("en")
    assert "BUSY_PORT CUS-195 40 30 75.00 7 Not declared before the goods arrived; 3 CUS-122" in told
    assert "HOME CUS-203 0 0 - - Declared at home (not granted)" in told
    assert told.endswith("90 declared")
    assert "7 未在货物运抵前申报; 3 CUS-122" in shown("zh")
