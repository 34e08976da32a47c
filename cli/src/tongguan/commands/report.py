"""report: figures over all clearances, from the same events as the clearances themselves."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongguan.as_of import parse_as_of
from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.customs.v1.risk_service_pb2 import BacktestProfileRequest, ReportRiskRequest
    from clearance.customs.v1.scheme_service_pb2 import ReportSchemesRequest
    from tongguan.output import Output

app = typer.Typer(name="report", help="Figures over all clearances.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=0, help="Only the newest so many clearances; 0 takes all.")]


@app.callback()
def report() -> None:
    """Figures over all clearances."""


@app.command()
@command
def commitments(session: Session, limit: Limit = 0) -> None:
    """Share of the public commitments kept, by mode, gross and net of the trader's time; and whose the time was."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.clocks import commitments_report
    from tongguan.report.commitments import held, kept

    clearances = list(session.clearances().list(ListClearancesRequest(with_clock=True), limit))
    promised, holders = kept(clearances), held(clearances)
    _lines(session.output, "commitment", promised)
    _lines(session.output, "holder", holders)
    session.output.show(commitments_report(promised, holders) if clearances else "no clearances")


@app.command()
@command
def times(session: Session, limit: Limit = 0) -> None:
    """How long clearances took by mode, customs' lane and holder, gross and net of the trader's time; and share met."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.times import taken, times_table

    found = taken(session.clearances().list(ListClearancesRequest(with_clock=True), limit))
    _lines(session.output, "time", found)
    session.output.show(times_table(found) if found else "no clearances")


@app.command()
@command
def keys(session: Session, limit: Limit = 0) -> None:
    """Key ports, industries, enterprises and steps, each beside its own target."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.keys import keys_kept, keys_table

    client = session.clearances()
    clearances = list(client.list(ListClearancesRequest(with_clock=True), limit))
    found = keys_kept(client.commitments().keys, clearances)
    _lines(session.output, "key", found)
    session.output.show(keys_table(found) if found else "no keys")


Customs = Annotated[
    str, typer.Option(metavar="AGENCY[=HOST:PORT]", help="Who selects; the officer-AGENCY identity is used.")
]
Since = Annotated[
    datetime | None, typer.Option(parser=parse_as_of, metavar="TIME", help="Only those first accepted since then.")
]
Until = Annotated[
    datetime | None, typer.Option(parser=parse_as_of, metavar="TIME", help="Only those first accepted before.")
]
Language = Annotated[str, typer.Option("--language", help="zh or en.", metavar="zh|en")]
RISK_SERVICE = "/clearance.customs.v1.RiskService/"
BACKTEST_SECONDS = 30.0


@app.command()
@command
def risk(
    session: Session, agency: Customs = "customs", since: Since = None, until: Until = None, language: Language = "en"
) -> None:
    """Inspection rate and hit rate of each risk criterion, and of the random minimum that they are measured by."""
    from clearance.customs.v1 import risk_service_pb2 as pb
    from tongguan.report.risk import risk_report

    request = pb.ReportRiskRequest()
    _span(request, since, until)
    answer = session.officer(agency).call(f"{RISK_SERVICE}ReportRisk", request, pb.ReportRiskResponse)
    session.output.item(answer.report)
    session.output.show(risk_report(answer.report, language))


@app.command()
@command
def schemes(
    session: Session, agency: Customs = "customs", since: Since = None, until: Until = None, language: Language = "en"
) -> None:
    """How many were entitled to each scheme, to how many its benefit was delivered, and why not to the others."""
    from clearance.customs.v1 import scheme_service_pb2 as pb
    from tongguan.report.schemes import schemes_report

    request = pb.ReportSchemesRequest()
    _span(request, since, until)
    method = "/clearance.customs.v1.SchemeService/ReportSchemes"
    answer = session.officer(agency).call(method, request, pb.ReportSchemesResponse)
    session.output.item(answer.report)
    session.output.show(schemes_report(answer.report, language))


@app.command()
@command
def backtest(
    session: Session,
    profile: Annotated[Path, typer.Option(metavar="FILE", help="The risk profile to try (TOML).")],
    agency: Customs = "customs",
    since: Since = None,
    until: Until = None,
    language: Language = "en",
) -> None:
    """What a changed risk profile would have selected of past traffic; nothing is put in force."""
    from clearance.customs.v1 import risk_service_pb2 as pb
    from tongguan.report.risk import backtest_report

    try:
        request = pb.BacktestProfileRequest(profile=profile.read_bytes())
    except OSError as error:
        raise Misused(f"{profile} cannot be read: {error.strerror}", "name a risk profile") from None
    _span(request, since, until)
    method, customs = f"{RISK_SERVICE}BacktestProfile", session.officer(agency)
    answer = customs.call(method, request, pb.BacktestProfileResponse, BACKTEST_SECONDS)
    session.output.item(answer.backtest)
    session.output.show(backtest_report(answer.backtest, language))


def _span(
    request: "ReportRiskRequest | BacktestProfileRequest | ReportSchemesRequest",
    since: datetime | None,
    until: datetime | None,
) -> None:
    if since is not None:
        request.start_time.FromDatetime(since)
    if until is not None:
        request.end_time.FromDatetime(until)


def _lines(output: "Output", kind: str, rows: list[Any]) -> None:
    """Each row as a JSON line that says of what kind it is."""
    for row in rows:
        output.line({"kind": kind, **asdict(row)})
