"""What is put together by hand is what protobuf would have written."""

import pytest

from agencykit.evidence.wire import field, sealed_part, signed_decision
from clearance.common.v1.evidence_pb2 import InclusionProof, SignedDecision


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_152])
def test_a_field_of_any_size_is_read_back(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    assert SignedDecision.FromString(field(1, content)).decision == content


def test_a_signed_decision_is_byte_for_byte_the_messages_own() -> None:
    proof = InclusionProof(index=5, count=100, siblings=[bytes([number]) * 32 for number in range(7)])
    message = SignedDecision(decision=b"decision" * 40, proof=proof, seal=b"seal" * 36, signature=bytes(64))
    sealed = sealed_part(message.seal, message.signature)
    assert signed_decision(message.decision, proof.SerializeToString(), sealed) == message.SerializeToString()
