"""QuarantineService by one operator."""

from collections.abc import Iterator
from uuid import uuid4

from clearance.gateway.v1 import quarantine_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import request_id

_SERVICE = "/clearance.gateway.v1.QuarantineService/"
Kind = pb.QuarantinedItem.Kind
# By the words of the command line: `question`, `called-off`.
KINDS = {name.removeprefix("KIND_").lower().replace("_", "-"): kind for name, kind in Kind.items() if kind}


class Quarantine:
    """What the gateway has set aside."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, limit: int = 0, **wanted: object) -> Iterator[pb.QuarantinedItem]:
        """By kind, party, number and all; the oldest first."""
        request = pb.ListQuarantinedItemsRequest(**wanted)  # type: ignore[arg-type]  # names of its own fields
        answer = pb.ListQuarantinedItemsResponse
        yield from self._peer.pages(f"{_SERVICE}ListQuarantinedItems", request, answer, "items", limit)

    def count(self, seconds: float = 10.0) -> int:
        """How many are set aside in all."""
        request, answer = pb.ListQuarantinedItemsRequest(page_size=1), pb.ListQuarantinedItemsResponse
        return self._peer.call(f"{_SERVICE}ListQuarantinedItems", request, answer, seconds).set_aside_count

    def get(self, id: str) -> pb.QuarantinedItem:
        """One, with its content."""
        request, answer = pb.GetQuarantinedItemRequest(id=id), pb.GetQuarantinedItemResponse
        return self._peer.call(f"{_SERVICE}GetQuarantinedItem", request, answer).item

    def requeue(self, id: str, reason: str) -> pb.QuarantinedItem:
        """Tries one again; the same command repeated before it has come back is one act."""
        act = request_id("requeue", id, self.get(id).last_time.ToMicroseconds(), reason)
        request = pb.RequeueQuarantinedItemRequest(request_id=act, id=id, reason=reason)
        answer = pb.RequeueQuarantinedItemResponse
        return self._peer.call(f"{_SERVICE}RequeueQuarantinedItem", request, answer).item

    def requeue_all(self, kind: int, party: str, reason: str) -> Iterator[pb.QuarantinedItem]:
        """Tries all of a kind and a party again, 256 to a call, each once: what comes back meanwhile is left."""
        tried: set[str] = set()
        while True:
            request = pb.RequeueQuarantinedItemsRequest(request_id=str(uuid4()), party=party, reason=reason)
            request.kind = kind  # type: ignore[assignment]  # a value of KINDS
            answer = pb.RequeueQuarantinedItemsResponse
            told = self._peer.call(f"{_SERVICE}RequeueQuarantinedItems", request, answer)
            new = [item for item in told.items if item.id not in tried]
            yield from new
            tried.update(item.id for item in new)
            if not told.more or not new:
                return
