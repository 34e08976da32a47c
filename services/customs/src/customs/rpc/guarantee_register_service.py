"""GuaranteeRegisterService: operators of customs enter guarantees, change them, settle claims, have all reckoned."""

import re
from functools import partial

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.refusals import FormInvalid, PageTokenInvalid
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import to_micros
from agencykit.storage.rows import Fields
from clearance.customs.v1 import guarantee_register_service_pb2 as pb
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUseKey
from customs.domain.consignment import folded_identifier
from customs.domain.guarantees.account import UseKey
from customs.domain.guarantees.kinds import AccountState, ClaimState
from customs.operations import guarantee_lists as lists
from customs.operations import guarantee_register as register
from customs.operations.access_codes import SALT_BYTES, access_hash
from customs.operations.reconciling import reconcile
from customs.rpc.guarantee_entries import entry_violations, terms_of
from customs.rpc.guarantee_messages import guarantee_message, moment, use_message

CALLERS = ("operator/*",)
PAGE = 100
_CLAIM_PLACE = re.compile(r"([0-9]{1,18})/([0-9a-fA-F-]{36})/([0-9]{1,3})")
_GENERATION = re.compile(r"[0-9]{1,3}")
DAY = 24 * 3600 * 1_000_000


class GuaranteeRegisterServicer:
    """Each change is carried out once for its request id. `shortfall_days`: the term to make a shortfall good."""

    def __init__(self, parts: AgencyParts, shortfall_days: int) -> None:
        self._parts, self._term = parts, shortfall_days * DAY

    async def RegisterGuarantees(
        self, request: pb.RegisterGuaranteesRequest, call: Call
    ) -> pb.RegisterGuaranteesResponse:
        if violations := entry_violations(request.entries):
            raise FormInvalid(violations)
        runtime, now = self._parts.runtime, self._now()
        entries = []
        for entry in request.entries:
            salt, secret = b"", b""
            if entry.access_code:
                salt = runtime.randomness.bytes(SALT_BYTES)
                secret = await runtime.executor.run(access_hash, entry.access_code, salt)
            entries.append((terms_of(entry.guarantee, salt, secret, now), entry.guarantee.limit.minor_units))
        store = partial(register.register, entries=entries, caller=str(call.identity), now=now)
        await lodge(self._parts, call, request.request_id, _without_codes(request), store)
        grns = [entry.guarantee.grn for entry in request.entries]
        return pb.RegisterGuaranteesResponse(guarantees=await self._shown(grns))

    async def ChangeGuarantee(self, request: pb.ChangeGuaranteeRequest, call: Call) -> pb.ChangeGuaranteeResponse:
        now = self._now()
        change = register.Change(
            request.grn,
            AccountState(request.state) if request.state else None,
            request.limit_units if request.HasField("limit_units") else None,
            now + self._term,
            request.for_scheme if request.HasField("for_scheme") else None,
        )
        store = partial(register.alter, wanted=change, caller=str(call.identity), now=now)
        await lodge(self._parts, call, request.request_id, call.request_bytes, store)
        (guarantee,) = await self._shown([request.grn])
        return pb.ChangeGuaranteeResponse(guarantee=guarantee)

    async def GetGuarantee(self, request: pb.GetGuaranteeRequest, call: Call) -> pb.GetGuaranteeResponse:
        (guarantee,) = await self._shown([request.grn])
        return pb.GetGuaranteeResponse(guarantee=guarantee)

    async def ListGuaranteeUses(self, request: pb.ListGuaranteeUsesRequest, call: Call) -> pb.ListGuaranteeUsesResponse:
        size, after = request.page_size or PAGE, _after(request.page_token)
        uses = await self._parts.database.read(register.list_uses, request.grn, request.open_only, after, size)
        token = "/".join(map(str, uses[-1].key)) if len(uses) == size else ""
        return pb.ListGuaranteeUsesResponse(uses=list(map(use_message, uses)), next_page_token=token)

    async def SettleClaim(self, request: pb.SettleClaimRequest, call: Call) -> pb.SettleClaimResponse:
        state = ClaimState(request.settlement)
        caller, now = str(call.identity), self._now()
        store = partial(register.settle, claim_id=request.claim_id, state=state, caller=caller, now=now)
        await lodge(self._parts, call, request.request_id, call.request_bytes, store)
        rows = await self._parts.database.read(register.read_claims, request.claim_id)
        return pb.SettleClaimResponse(claims=[_claim(row) for row in rows])

    async def ListGuarantees(self, request: pb.ListGuaranteesRequest, call: Call) -> pb.ListGuaranteesResponse:
        size, holder = request.page_size or PAGE, folded_identifier(request.holder_identifier)
        wanted = (holder, request.short_only, request.page_token, size)
        found = await self._parts.database.read(lists.list_guarantees, *wanted)
        token = found[-1].terms.grn if len(found) == size else ""
        return pb.ListGuaranteesResponse(guarantees=map(guarantee_message, found), next_page_token=token)

    async def ListGuaranteeClaims(
        self, request: pb.ListGuaranteeClaimsRequest, call: Call
    ) -> pb.ListGuaranteeClaimsResponse:
        size, after = request.page_size or PAGE, _claim_after(request.page_token)
        due_before = self._now() if request.overdue_only else None
        wanted = (request.grn, request.open_only, due_before, after, size)
        rows = await self._parts.database.read(lists.list_claims, *wanted)
        token = "/".join(map(str, (rows[-1][7], rows[-1][0], rows[-1][9]))) if len(rows) == size else ""
        return pb.ListGuaranteeClaimsResponse(claims=map(_claim, rows), next_page_token=token)

    async def ReconcileGuarantees(
        self, request: pb.ReconcileGuaranteesRequest, call: Call
    ) -> pb.ReconcileGuaranteesResponse:
        found = await self._parts.database.read(reconcile)
        return pb.ReconcileGuaranteesResponse(
            differences=found.differences, guarantees=found.guarantees, uses=found.uses, entries=found.entries
        )

    async def _shown(self, grns: list[str]) -> list[Guarantee]:
        return [guarantee_message(each) for each in await self._parts.database.read(register.find, grns)]

    def _now(self) -> int:
        return to_micros(self._parts.runtime.clock.now())


def _claim(row: Fields) -> pb.GuaranteeClaim:
    claim_id, grn, case, generation, units, state, claimed, due, end = row[:9]
    return pb.GuaranteeClaim(
        claim_id=claim_id,
        grn=grn,
        key=GuaranteeUseKey(clearance_number=case, generation=generation),
        units=units,
        state=pb.GuaranteeClaim.State.ValueType(state),
        claim_time=moment(claimed),
        due_time=moment(due),
        end_time=moment(end),
    )


def _without_codes(request: pb.RegisterGuaranteesRequest) -> bytes:
    """What the request id stands for; a plain digest of access codes would give too much away."""
    told = pb.RegisterGuaranteesRequest()
    told.CopyFrom(request)
    for entry in told.entries:
        entry.ClearField("access_code")
    return told.SerializeToString(deterministic=True)


def _after(token: str) -> UseKey:
    if not token:
        return UseKey()
    # A number may hold a stroke itself.
    district, _, rest = token.partition("/")
    case, _, generation = rest.rpartition("/")
    if not _GENERATION.fullmatch(generation):
        raise PageTokenInvalid
    return UseKey(district, case, int(generation))


def _claim_after(token: str) -> lists.ClaimPlace:
    if not token:
        return lists.ClaimPlace()
    read = _CLAIM_PLACE.fullmatch(token)
    if read is None:
        raise PageTokenInvalid
    return lists.ClaimPlace(int(read[1]), read[2], int(read[3]))


def guarantee_register_service(parts: AgencyParts, shortfall_days: int) -> Service:
    """The service with its default callers."""
    servicer = GuaranteeRegisterServicer(parts, shortfall_days)
    return Service(servicer, pb.DESCRIPTOR.services_by_name["GuaranteeRegisterService"], CALLERS)
