"""RiskService: officers of customs see what selection found, and try a profile before it goes live."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.agency import AgencyParts
from agencykit.list_files import ListsInvalid
from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.customs.v1 import risk_service_pb2 as pb
from customs.domain.reference import Reference
from customs.domain.risk.profile import Profile
from customs.domain.risk.snapshot import PERIOD_SECONDS, period_of
from customs.operations import reporting
from customs.rpc.consignments import read_bytes
from customs.rpc.risk_messages import backtest_message, report_message
from customs.storage.risk_profile import parse_profile
from customs.storage.risk_report import Span

CALLERS = ("operator/*",)


class RiskServicer:
    """Both calls only read."""

    def __init__(self, parts: AgencyParts, reference: Reference) -> None:
        self._database, self._clock = parts.database, parts.runtime.clock
        self._reference = reference

    async def ReportRisk(self, request: pb.ReportRiskRequest, call: Call) -> pb.ReportRiskResponse:
        now = self._clock.now()
        span = _span(request, now)
        return pb.ReportRiskResponse(report=report_message(await self._database.read(reporting.report, span, now)))

    async def BacktestProfile(self, request: pb.BacktestProfileRequest, call: Call) -> pb.BacktestProfileResponse:
        profile = _profile(request.profile)
        span = _span(request, self._clock.now())
        try:
            trial = await self._database.read(reporting.backtest, profile, span, self._reference, read_bytes)
        except reporting.TooMany:
            raise FormInvalid([_too_many()]) from None
        return pb.BacktestProfileResponse(backtest=backtest_message(trial))


def _profile(content: bytes) -> Profile:
    try:
        return parse_profile(content.decode())
    except UnicodeDecodeError:
        faults = ["not UTF-8"]
    except ListsInvalid as invalid:
        faults = list(invalid.faults)
    raise FormInvalid([Violation("profile", "risk_profile", fault, "bytes") for fault in faults])


def _span(request: pb.ReportRiskRequest | pb.BacktestProfileRequest, now: datetime) -> Span:
    """Whole hours; without bounds all there is."""
    begin = request.start_time.seconds // PERIOD_SECONDS if request.HasField("start_time") else 0
    end = _hour_after(request.end_time) if request.HasField("end_time") else period_of(now) + 1
    if begin >= end:
        raise FormInvalid([Violation("end_time", "after_start", "must be after start_time", "message")])
    return begin, end


def _hour_after(moment: Timestamp) -> int:
    return -(-moment.seconds // PERIOD_SECONDS)


def _too_many() -> Violation:
    message = f"the span holds more than {reporting.MOST_CLEARANCES} consignments: take a shorter one"
    return Violation("start_time", "most", message, "message")


def risk_service(parts: AgencyParts, reference: Reference) -> Service:
    """The service with its default callers."""
    return Service(RiskServicer(parts, reference), pb.DESCRIPTOR.services_by_name["RiskService"], CALLERS)
