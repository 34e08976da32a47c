"""QuarantineService: what is set aside (搁置), and having it tried again."""

from collections.abc import Callable

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.gateway.v1 import quarantine_service_pb2 as pb
from gateway.domain.quarantine import Item
from gateway.operations.context import Context
from gateway.operations.requeue import Requeue, find, page, requeue_all, requeue_one
from gateway.rpc.paging import from_token, to_token
from gateway.rpc.times import timestamp
from gateway.storage.quarantine import Filter

_PAGE = 100


class QuarantineServicer:
    """Answers operators."""

    def __init__(self, database: Database, context: Callable[[], Context], on_requeue: Callable[[], None]) -> None:
        self._database, self._context, self._on_requeue = database, context, on_requeue

    async def ListQuarantinedItems(
        self, request: pb.ListQuarantinedItemsRequest, call: Call
    ) -> pb.ListQuarantinedItemsResponse:
        """The oldest first."""
        wanted = Filter(int(request.kind), request.party, request.number, request.all)
        size, after = request.page_size or _PAGE, (0, "")
        if request.page_token:
            moment, id = from_token(call.method, wanted, request.page_token)
            after = (int(moment), str(id))
        found, count = await self._database.read(page, wanted, after, size)
        token = ""
        if len(found) == size:
            token = to_token(call.method, wanted, found[-1].first_time, found[-1].id)
        items = [item_message(each) for each in found]
        return pb.ListQuarantinedItemsResponse(items=items, next_page_token=token, set_aside_count=count)

    async def GetQuarantinedItem(
        self, request: pb.GetQuarantinedItemRequest, _call: Call
    ) -> pb.GetQuarantinedItemResponse:
        """With its content."""
        found = await self._database.read(find, request.id)
        return pb.GetQuarantinedItemResponse(item=item_message(found))

    async def RequeueQuarantinedItem(
        self, request: pb.RequeueQuarantinedItemRequest, call: Call
    ) -> pb.RequeueQuarantinedItemResponse:
        """Tried again."""
        wanted = Requeue(request.request_id, str(call.identity), request.reason, request.id)
        item = await self._database.write(requeue_one, wanted, self._context())
        self._on_requeue()
        return pb.RequeueQuarantinedItemResponse(item=item_message(item, content=False))

    async def RequeueQuarantinedItems(
        self, request: pb.RequeueQuarantinedItemsRequest, call: Call
    ) -> pb.RequeueQuarantinedItemsResponse:
        """The oldest of them tried again."""
        if not request.kind and not request.party:
            raise FormInvalid([Violation("party", "requeue.selected", "name a kind, a party, or both", "string")])
        said = (request.request_id, str(call.identity), request.reason)
        wanted = Requeue(*said, kind=int(request.kind), party=request.party)
        items, more = await self._database.write(requeue_all, wanted, self._context())
        self._on_requeue()
        return pb.RequeueQuarantinedItemsResponse(items=[item_message(each) for each in items], more=more)


def item_message(item: Item, *, content: bool = True) -> pb.QuarantinedItem:
    """One item as it stands."""
    return pb.QuarantinedItem(
        id=item.id,
        kind=int(item.kind),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        party=item.party,
        number=item.number,
        subject=item.subject,
        state=int(item.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        reason=item.reason,
        tries=item.tries,
        first_time=timestamp(item.first_time),
        last_time=timestamp(item.last_time),
        trace_id=item.trace.split("-")[1] if item.trace.count("-") == 3 else "",
        content_digest=item.digest,
        content_size=item.size,
        content=item.content if content else b"",
        requeues=item.requeues,
        requeuer=item.requeuer,
        requeue_reason=item.requeue_reason,
        requeue_time=timestamp(item.requeue_time) if item.requeue_time is not None else None,
    )
