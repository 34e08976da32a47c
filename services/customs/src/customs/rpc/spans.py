"""Spans of time that reports are about."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import FormInvalid, Violation
from clearance.customs.v1.risk_service_pb2 import BacktestProfileRequest, ReportRiskRequest
from clearance.customs.v1.scheme_service_pb2 import ReportSchemesRequest
from customs.domain.risk.snapshot import PERIOD_SECONDS, period_of
from customs.storage.risk_report import Span

Spanned = BacktestProfileRequest | ReportRiskRequest | ReportSchemesRequest
"""Requests with bounds that may be absent."""


def whole_hours(request: Spanned, now: datetime) -> Span:
    """Without bounds all there is. Raises FormInvalid for an empty span."""
    begin = request.start_time.seconds // PERIOD_SECONDS if request.HasField("start_time") else 0
    end = _hour_after(request.end_time) if request.HasField("end_time") else period_of(now) + 1
    if begin >= end:
        raise FormInvalid([Violation("end_time", "after_start", "must be after start_time", "message")])
    return begin, end


def _hour_after(moment: Timestamp) -> int:
    return -(-(moment.seconds + (moment.nanos > 0)) // PERIOD_SECONDS)


def bounds(span: Span) -> tuple[Timestamp, Timestamp]:
    """The span as a report tells it."""
    begin, end = span
    return Timestamp(seconds=begin * PERIOD_SECONDS), Timestamp(seconds=end * PERIOD_SECONDS)
