"""ExaminationService by one operator, and joint examinations as rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from google.protobuf.message import Message
from rich.table import Table

from clearance.gateway.v1 import examination_service_pb2 as service
from clearance.gateway.v1.examination_service_pb2 import JointExamination
from tongguan.channels import Peer
from tongguan.clearances import request_id
from tongguan.report.names import clock
from tongguan.report.tables import table

_SERVICE = "/clearance.gateway.v1.ExaminationService/"
Response = TypeVar("Response", bound=Message)


class Examinations:
    """Joint examinations by one operator."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, number: str) -> Sequence[JointExamination]:
        """Those of one clearance, in order."""
        request = service.ListExaminationsRequest(number=number)
        return self._call("ListExaminations", request, service.ListExaminationsResponse).examinations

    def arrange(self, number: str, resource: str, start: datetime) -> JointExamination:
        """For all agencies that want to open; the same command repeated resumes what an outage interrupted."""
        known = sum(each.state != JointExamination.STATE_PROPOSED for each in self.list(number))
        act = request_id("examine", number, known, resource, start.isoformat())
        request = service.ArrangeExaminationRequest(request_id=act, number=number, resource_code=resource)
        request.start_time.FromDatetime(start)
        return self._call("ArrangeExamination", request, service.ArrangeExaminationResponse).examination

    def cancel(self, number: str) -> JointExamination:
        """Gives the slot back."""
        request = service.CancelExaminationRequest(request_id=str(uuid4()), number=number)
        return self._call("CancelExamination", request, service.CancelExaminationResponse).examination

    def opened(
        self, number: str, time: datetime, found_seals: Sequence[str], new_seals: Sequence[str], remark: str
    ) -> JointExamination:
        """Records the one opening."""
        request = service.RecordOpeningRequest(request_id=str(uuid4()), number=number, remark=remark)
        request.found_seals.extend(found_seals)
        request.new_seals.extend(new_seals)
        request.open_time.FromDatetime(time)
        return self._call("RecordOpening", request, service.RecordOpeningResponse).examination

    def _call(self, method: str, request: Message, response: type[Response]) -> Response:
        return self._peer.call(f"{_SERVICE}{method}", request, response)


def examinations_table() -> Table:
    """For `examination_row`."""
    return table("", "clearance", "round", "state", "agencies", "containers", "resource", "begin", "why not", "opened")


def examination_row(examination: JointExamination) -> tuple[str, ...]:
    """One joint examination."""
    state = JointExamination.State.Name(examination.state).removeprefix("STATE_")
    opened = clock(examination.open_time) if examination.HasField("open_time") else "-"
    return (
        examination.number,
        str(examination.round),
        state,
        ", ".join(examination.agencies),
        ", ".join(examination.container_numbers) or "all goods",
        examination.resource_code,
        clock(examination.start_time),
        examination.decline_reason or "-",
        opened,
    )
