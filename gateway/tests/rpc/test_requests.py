"""Requests put together from bytes are the messages they stand for."""

from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.evidence_pb2 import LogRange, SignedDecision
from clearance.common.v1.originator_pb2 import SignedAssertion
from gateway.operations.ports import AssessItem
from gateway.rpc.requests import KEPT_BYTES, assess_request, outcomes_request
from gateway.rpc.times import timestamp
from gateway.storage.outcomes import Outcome

ID = "0b1e8a52-6f0e-5f8e-9d3c-0d3a1c6c2004"
NUMBER = "NGB2004000000011"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = SignedDecision(decision=b"decided", seal=b"sealed", signature=b"signed")
ASSERTION = SignedAssertion(assertion=b"asserted", signature=b"signed")


def item(consignment: bytes) -> AssessItem:
    accepted = 1_078_099_200_000_000
    return AssessItem(
        NUMBER,
        2,
        consignment,
        b"d" * 32,
        ASSERTION.SerializeToString(),
        accepted,
        TRACE,
        True,
        ID,
        (OTHER.SerializeToString(),),
    )


def test_an_assessment_says_all_that_the_item_says() -> None:
    for consignment in (b"small", b"x" * (KEPT_BYTES + 1)):
        request = pb.AssessConsignmentsRequest.FromString(
            assess_request([item(consignment)], [("customs/1", 5, 104)], [b"certificate"]).SerializeToString()
        )
        expected = pb.AssessmentItem(
            request_id=ID,
            clearance_number=NUMBER,
            version=2,
            consignment=consignment,
            consignment_digest=b"d" * 32,
            assertion=ASSERTION,
            accept_time=timestamp(1_078_099_200_000_000),
            depends_on=[OTHER],
            urgent=True,
        )
        expected.trace_context.traceparent = TRACE
        assert list(request.items) == [expected]
        [certificate] = request.signing_certificates
        assert certificate.certificate == b"certificate"
        assert list(request.recorded) == [LogRange(log="customs/1", first_sequence=5, last_sequence=104)]


def test_an_outcome_goes_to_each_agency_under_a_request_id_of_its_own() -> None:
    outcome = Outcome(NUMBER, 3, 2, pb.Outcome.KIND_RELEASED, 1_078_099_200_000_000, b"order", b"signature", TRACE)
    told = {
        agency: pb.RecordOutcomesRequest.FromString(outcomes_request(agency, [outcome]).SerializeToString()).outcomes[0]
        for agency in ("customs", "port")
    }
    assert {each.request_id for each in told.values()} == {outcome.request_id(agency) for agency in told}
    for each in told.values():
        each.request_id = ""
    assert told["customs"] == told["port"]
    assert (told["port"].order, told["port"].order_number, told["port"].version) == (b"order", 3, 2)
