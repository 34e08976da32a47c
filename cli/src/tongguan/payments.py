"""Customs' record of what was paid, by one identity."""

from collections.abc import Sequence

from clearance.customs.v1 import payment_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import request_id

_SERVICE = "/clearance.customs.v1.PaymentService/"


class Payments:
    """PaymentService. A receipt counts once, so that every call may be repeated."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def record(self, payment: pb.Payment) -> pb.Payment:
        """Records one."""
        act = request_id("payment", payment.SerializeToString(deterministic=True).hex())
        request = pb.RecordPaymentsRequest(request_id=act, payments=[payment])
        return self._peer.call(f"{_SERVICE}RecordPayments", request, pb.RecordPaymentsResponse).payments[0]

    def reverse(self, receipts: Sequence[str]) -> Sequence[pb.Payment]:
        """Takes them back, all or none."""
        act = request_id("payments reversed", *receipts)
        request = pb.ReversePaymentsRequest(request_id=act, receipt_numbers=receipts)
        return self._peer.call(f"{_SERVICE}ReversePayments", request, pb.ReversePaymentsResponse).payments

    def of(self, number: str) -> Sequence[pb.RecordedPayment]:
        """Those of one clearance, in the order in which they were recorded."""
        request = pb.ListPaymentsRequest(clearance_number=number)
        return self._peer.call(f"{_SERVICE}ListPayments", request, pb.ListPaymentsResponse).payments
