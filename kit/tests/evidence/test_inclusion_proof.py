"""What is put together by hand is what protobuf itself would write."""

import pytest

from agencykit.evidence.merkle import leaf_hash, root_and_paths
from agencykit.evidence.wire import inclusion_proof
from clearance.common.v1.evidence_pb2 import InclusionProof


@pytest.mark.parametrize("count", [1, 2, 3, 127, 128, 129, 256])
def test_an_inclusion_proof_is_protobufs(count: int) -> None:
    _, paths = root_and_paths([leaf_hash(bytes([place])) for place in range(count)])
    for index, path in enumerate(paths):
        expected = InclusionProof(index=index, count=count, siblings=path).SerializeToString(deterministic=True)
        assert inclusion_proof(index, count, path) == expected
