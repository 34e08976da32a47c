"""A service as the layers see it: built from the contract's descriptor, never from generated stubs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from agencykit.rpc.weighing import item_tags


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC. `handler(request, call)` is a coroutine, or an async iterator where `streaming`."""

    path: str
    service: str
    name: str
    request_type: type[Message]
    response_type: type[Message]
    streaming: bool
    handler: Callable[..., Any]
    # Whether the request says how long a page may be (`page_size`).
    paged: bool = False
    # By which a batch's items are counted before it is decoded.
    item_tags: frozenset[int] = frozenset()


class Service:
    """A servicer bound to its service in the contract, with the identities that may call it.

    `servicer` has one method per RPC, of the RPC's name: `async def GetDecision(self, request, call) -> response`, or
    for a server stream an async generator `async def FollowDecisions(self, request, call)`. A missing one is an error
    here, at start. `callers` is the default list of identity patterns; settings may replace it. By default nobody is
    listed. Parties of other districts come in only where it is `for_partners`.
    """

    def __init__(
        self,
        servicer: object,
        descriptor: ServiceDescriptor,
        callers: Iterable[str] = (),
        *,
        for_partners: bool = False,
    ) -> None:
        self.name: str = descriptor.full_name
        self.callers = tuple(callers)
        self.descriptor, self.for_partners = descriptor, for_partners
        missing = [method.name for method in descriptor.methods if not callable(getattr(servicer, method.name, None))]
        if missing:
            raise TypeError(f"{type(servicer).__name__} does not answer {', '.join(missing)} of {self.name}")
        self.methods = {method.path: method for method in (_method(servicer, entry) for entry in descriptor.methods)}


def _method(servicer: object, descriptor: MethodDescriptor) -> Method:
    if descriptor.client_streaming:
        raise TypeError(f"{descriptor.full_name}: the house has no client streams")
    service = descriptor.containing_service.full_name
    handler: Callable[..., Awaitable[Any]] = getattr(servicer, descriptor.name)
    return Method(
        path=f"/{service}/{descriptor.name}",
        service=service,
        name=descriptor.name,
        request_type=GetMessageClass(descriptor.input_type),
        response_type=GetMessageClass(descriptor.output_type),
        streaming=descriptor.server_streaming,
        handler=handler,
        paged="page_size" in descriptor.input_type.fields_by_name,
        item_tags=item_tags(descriptor.input_type),
    )
