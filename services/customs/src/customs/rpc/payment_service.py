"""PaymentService: officers of customs record what was paid."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import from_micros, to_micros
from clearance.customs.v1 import payment_service_pb2 as pb
from customs.domain.consignment import folded_identifier
from customs.domain.payments import Charge, Payment
from customs.operations import paying
from customs.storage import payments as rows

CALLERS = ("operator/*",)


class PaymentServicer:
    """Each call is carried out once for its request id; what it settles is decided again."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def RecordPayments(self, request: pb.RecordPaymentsRequest, call: Call) -> pb.RecordPaymentsResponse:
        wanted = [_payment(each) for each in request.payments]
        officer, now = str(call.identity), to_micros(self._parts.runtime.clock.now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, paying.record, wanted, officer, now)
        return pb.RecordPaymentsResponse(payments=[_message(each) for each in wanted])

    async def ReversePayments(self, request: pb.ReversePaymentsRequest, call: Call) -> pb.ReversePaymentsResponse:
        receipts = [folded_identifier(each) for each in request.receipt_numbers]
        officer, now = str(call.identity), to_micros(self._parts.runtime.clock.now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, paying.reverse, receipts, officer, now)
        known, _ = await self._parts.database.read(rows.of_receipts, receipts)
        return pb.ReversePaymentsResponse(payments=[_message(known[each]) for each in receipts])

    async def ListPayments(self, request: pb.ListPaymentsRequest, call: Call) -> pb.ListPaymentsResponse:
        found = await self._parts.database.read(rows.of_clearance, request.clearance_number)
        response = pb.ListPaymentsResponse()
        for payment, recorded, officer, taken_back in found:
            one = response.payments.add(payment=_message(payment), officer=officer)
            one.record_time.FromDatetime(from_micros(recorded))
            if taken_back is not None:
                one.reversal_time.FromDatetime(from_micros(taken_back))
        return response


def _payment(message: pb.Payment) -> Payment:
    seconds, nanos = message.pay_time.seconds, message.pay_time.nanos
    return Payment(
        message.clearance_number,
        Charge(message.charge),
        message.amount_fen,
        seconds * 1_000_000 + nanos // 1_000,
        folded_identifier(message.receipt_number),
    )


def _message(payment: Payment) -> pb.Payment:
    message = pb.Payment(
        clearance_number=payment.clearance_number,
        charge=pb.Payment.Charge.ValueType(payment.charge),
        amount_fen=payment.fen,
        receipt_number=payment.receipt_number,
    )
    message.pay_time.FromDatetime(from_micros(payment.pay_time))
    return message


def payment_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(PaymentServicer(parts), pb.DESCRIPTOR.services_by_name["PaymentService"], CALLERS)
