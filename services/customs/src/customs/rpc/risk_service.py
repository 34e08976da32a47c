"""RiskService: officers of customs see what selection found, and try a profile before it goes live."""

from collections.abc import Iterable

from agencykit.agency import AgencyParts
from agencykit.list_files import ListsInvalid
from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.customs.v1 import risk_service_pb2 as pb
from customs.domain.reference import Reference
from customs.operations import reporting
from customs.rpc.consignments import read_bytes
from customs.rpc.risk_messages import backtest_message, report_message
from customs.rpc.spans import whole_hours

CALLERS = ("operator/*",)


class RiskServicer:
    """Both calls only read."""

    def __init__(self, parts: AgencyParts, reference: Reference) -> None:
        self._database, self._clock = parts.database, parts.runtime.clock
        self._reference = reference

    async def ReportRisk(self, request: pb.ReportRiskRequest, call: Call) -> pb.ReportRiskResponse:
        now = self._clock.now()
        span = whole_hours(request, now)
        return pb.ReportRiskResponse(report=report_message(await self._database.read(reporting.report, span, now)))

    async def BacktestProfile(self, request: pb.BacktestProfileRequest, call: Call) -> pb.BacktestProfileResponse:
        span = whole_hours(request, self._clock.now())
        try:
            content = request.profile.decode()
            trial = await self._database.read(reporting.backtest, content, span, self._reference, read_bytes)
        except UnicodeDecodeError:
            raise FormInvalid(_faults(["not UTF-8"])) from None
        except ListsInvalid as invalid:
            raise FormInvalid(_faults(invalid.faults)) from None
        except reporting.TooMany:
            raise FormInvalid([_too_many()]) from None
        return pb.BacktestProfileResponse(backtest=backtest_message(trial))


def _faults(faults: Iterable[str]) -> list[Violation]:
    return [Violation("profile", "risk_profile", fault, "bytes") for fault in faults]


def _too_many() -> Violation:
    message = f"the span holds more than {reporting.MOST_CLEARANCES} consignments: take a shorter one"
    return Violation("start_time", "most", message, "message")


def risk_service(parts: AgencyParts, reference: Reference) -> Service:
    """The service with its default callers."""
    return Service(RiskServicer(parts, reference), pb.DESCRIPTOR.services_by_name["RiskService"], CALLERS)
