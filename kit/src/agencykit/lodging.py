"""Facts arrive: stored once for each request id, and whoever waits for them is due for a new decision.

    async def LodgeManifests(self, request, call):
        manifests = read_manifests(request)
        await lodge(self._parts, call, request.request_id, call.request_bytes, store_manifests, manifests)
        return LodgeManifestsResponse(manifests=request.manifests)

where `store_manifests(connection, manifests)` writes its rows and returns the keys of the facts that have come.
"""

from collections.abc import Callable, Iterable
from typing import Concatenate, ParamSpec

from sqlalchemy import Connection

from agencykit.agency import AgencyParts, FactKey
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import wake
from agencykit.decisions.requests import Claim, claim_request, content_digest
from agencykit.rpc.call import Call
from agencykit.storage import to_micros

__all__ = ["lodge", "wake"]

Parameters = ParamSpec("Parameters")


async def lodge(
    parts: AgencyParts,
    call: Call,
    request_id: str,
    content: bytes,
    operation: Callable[Concatenate[Connection, Parameters], Iterable[FactKey]],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> bool:
    """Runs `operation(connection, …)` once for this request id of this caller; True if it ran, False for a replay.

    One transaction: request id, the operation's rows, the woken consignments, the audit row. `content` is the request's
    bytes. Raises RequestIdReused where the id stood for other content.
    """
    now = to_micros(parts.runtime.clock.now())
    claim = Claim(call.method, str(call.identity), request_id, content_digest(content))
    ran = await parts.database.write(_lodge, claim, now, lambda connection: operation(connection, *args, **kwargs))
    if ran:
        parts.reassess.notify()
    return ran


def _lodge(
    connection: Connection, claim: Claim, now: int, operation: Callable[[Connection], Iterable[FactKey]]
) -> bool:
    if not claim_request(connection, claim, now):
        return False
    woken = wake(connection, operation(connection))
    details = {"request_id": claim.request_id, "woken": woken}
    write_audit(connection, [AuditEntry(now, claim.scope, claim.resource, "", details)])
    return True
