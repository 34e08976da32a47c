"""DutyService: the most that may fall due, for guarantees."""

from agencykit.agency import AgencyParts
from agencykit.refusals import FormInvalid, NotFound, Violation
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import duty_service_pb2 as pb
from customs.domain.consignment import ConsignmentView
from customs.domain.highest import HighestDuty, OpenQuestion, highest_duty, line_of
from customs.domain.reference import Reference
from customs.rpc.consignments import read_bytes
from customs.storage import submitted

CALLERS = ("gateway", "operator/*", "broker/*")
BROKER = "broker"
CURRENCY = "CNY"


class DutyServicer:
    """Only reads."""

    def __init__(self, parts: AgencyParts, reference: Reference) -> None:
        self._database, self._executor = parts.database, parts.runtime.executor
        self._reference = reference

    async def GetHighestDuty(self, request: pb.GetHighestDutyRequest, call: Call) -> pb.GetHighestDutyResponse:
        questions = frozenset(OpenQuestion(each) for each in request.open_questions)
        if violations := self._violations(request, questions):
            raise FormInvalid(violations)
        found = await self._database.read(submitted.newest, request.clearance_number)
        if found is None or (call.identity.role == BROKER and found.originator != str(call.identity)):
            raise NotFound("clearance", request.clearance_number)
        known, candidates = found, tuple(request.candidate_codes)

        def work_out() -> tuple[HighestDuty, HighestDuty]:
            """Up to a thousand items under the whole schedule: not on the event loop."""
            view: ConsignmentView = read_bytes(known.consignment)
            return highest_duty(view, self._reference, questions, candidates), highest_duty(view, self._reference)

        highest, assessed = await self._executor.run(work_out)
        message = _message(highest, assessed)
        message.clearance_number, message.version = request.clearance_number, found.version
        message.lists_edition = self._reference.edition
        return pb.GetHighestDutyResponse(highest_duty=message)

    def _violations(self, request: pb.GetHighestDutyRequest, questions: frozenset[OpenQuestion]) -> list[Violation]:
        if request.candidate_codes and OpenQuestion.CLASSIFICATION not in questions:
            return [Violation("candidate_codes", "stray", "belongs to OPEN_QUESTION_CLASSIFICATION only", "message")]
        return [
            Violation(f"candidate_codes[{place}]", "chapter", "no chapter of the schedule", "string")
            for place, code in enumerate(request.candidate_codes)
            if line_of(code, self._reference) is None
        ]


def _message(highest: HighestDuty, assessed: HighestDuty) -> pb.HighestDuty:
    return pb.HighestDuty(
        items=[
            pb.ItemDuty(
                item_number=item.number,
                commodity_prefix=item.prefix,
                value_fen=item.value,
                duty_fen=item.duty,
                vat_fen=item.vat,
            )
            for item in highest.items
        ],
        total=_money(highest.total),
        assessed=_money(assessed.total),
        unbounded_items=[
            pb.UnboundedItem(item_number=number, missing=pb.UnboundedItem.Missing.ValueType(missing))
            for number, missing in highest.missing
        ],
    )


def _money(fen: int | None) -> Money | None:
    return None if fen is None else Money(currency_code=CURRENCY, minor_units=fen)


def duty_service(parts: AgencyParts, reference: Reference) -> Service:
    """The service with its default callers."""
    return Service(DutyServicer(parts, reference), pb.DESCRIPTOR.services_by_name["DutyService"], CALLERS)
