"""GuaranteeService: the gateway takes guarantees up, confirms, gives back and claims, for its district or for a partner
whose call it passes on; and records what partners have confirmed for clearances of its district.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from agencykit.agency import AgencyParts
from agencykit.decisions.requests import Claim, content_digest
from agencykit.identity import Identity
from agencykit.refusals import Refusal
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import to_micros
from agencykit.storage.together import Together
from clearance.customs.v1 import guarantee_service_pb2 as pb
from clearance.customs.v1.guarantee_pb2 import GuaranteeUseKey
from customs.domain.guarantees.cover import Cover
from customs.domain.guarantees.terms import Wanted
from customs.operations import guarantees as ledger
from customs.operations import outside_covers as covers
from customs.operations.access_codes import AccessCodes
from customs.rpc.cover_messages import cover_key, read_cover, write_cover_answers
from customs.rpc.guarantee_messages import named, use_key, use_message, wanted, write_answers

Item = TypeVar("Item")
Answer = TypeVar("Answer")
ASKER = "gateway"
CALLERS = (ASKER,)
MICROSECONDS = 1_000_000


class GuaranteeServicer:
    """Each call is one transaction, perhaps with others. A use belongs to the district of the gateway that asks; where
    the own gateway passes a partner's call on, to the partner, as if its gateway had called.
    """

    def __init__(self, parts: AgencyParts, hold_seconds: int, claim_days: int) -> None:
        self._database, self._clock, self._reassess = parts.database, parts.runtime.clock, parts.reassess
        self._codes = AccessCodes(parts.database, parts.runtime)
        self._hold = hold_seconds * MICROSECONDS
        self._term = claim_days * 24 * 3600 * MICROSECONDS
        self._holds = self._together(ledger.hold)
        self._confirmations = self._together(ledger.confirm)
        self._cancellations = self._together(ledger.cancel)
        self._credits = self._together(ledger.credit)
        self._claims = self._together(self._claim)
        self._recordings, self._ends = self._together(covers.record), self._together(covers.end)

    async def HoldGuarantees(self, request: pb.HoldGuaranteesRequest, call: Call) -> pb.HoldGuaranteesResponse:
        proofs = await self._codes.proofs(each for hold in request.holds for each in named(hold))
        asker, until = _asker(call, request.asking_district), self._now() + self._hold
        passed_on = bool(request.asking_district)
        read = [wanted(hold, asker, proofs, until, passed_on=passed_on) for hold in request.holds]
        sound = [each for each in read if isinstance(each, Wanted)]
        held = iter(await self._holds.ask(sound) if sound else [])
        response = pb.HoldGuaranteesResponse()
        answers = [next(held) if isinstance(each, Wanted) else each for each in read]
        write_answers([response.answers.add() for _ in answers], answers)
        return response

    async def ConfirmGuarantees(self, request: pb.ConfirmGuaranteesRequest, call: Call) -> pb.ConfirmGuaranteesResponse:
        answers = await self._confirmations.ask(_named(request.keys, _asker(call, request.asking_district)))
        response = pb.ConfirmGuaranteesResponse()
        write_answers([response.answers.add() for _ in answers], answers)
        return response

    async def CancelGuarantees(self, request: pb.CancelGuaranteesRequest, call: Call) -> pb.CancelGuaranteesResponse:
        answers = await self._cancellations.ask(_named(request.keys, _asker(call, request.asking_district)))
        response = pb.CancelGuaranteesResponse()
        write_answers([response.answers.add() for _ in answers], answers)
        return response

    async def CreditGuarantees(self, request: pb.CreditGuaranteesRequest, call: Call) -> pb.CreditGuaranteesResponse:
        asker = _asker(call, request.asking_district)
        answers = await self._credits.ask([_resolve(each, call.method, asker) for each in request.credits])
        response = pb.CreditGuaranteesResponse()
        write_answers([response.answers.add() for _ in answers], answers)
        return response

    async def ClaimGuarantees(self, request: pb.ClaimGuaranteesRequest, call: Call) -> pb.ClaimGuaranteesResponse:
        asker = _asker(call, request.asking_district)
        answers = await self._claims.ask([_resolve(each, call.method, asker) for each in request.claims])
        response = pb.ClaimGuaranteesResponse()
        write_answers([response.answers.add() for _ in answers], answers)
        return response

    async def GetGuaranteeUse(self, request: pb.GetGuaranteeUseRequest, call: Call) -> pb.GetGuaranteeUseResponse:
        asker = _asker(call, request.asking_district)
        found = await self._database.read(ledger.find, use_key(request.key, asker.district), str(asker))
        if isinstance(found, Refusal):
            raise found
        return pb.GetGuaranteeUseResponse(use=use_message(found))

    async def RecordOutsideCovers(
        self, request: pb.RecordOutsideCoversRequest, call: Call
    ) -> pb.RecordOutsideCoversResponse:
        read = [read_cover(each, call.identity.district) for each in request.covers]
        sound = [each for each in read if isinstance(each, Cover)]
        recorded = iter(await self._recordings.ask(sound) if sound else [])
        answers = [next(recorded) if isinstance(each, Cover) else each for each in read]
        response = pb.RecordOutsideCoversResponse()
        write_cover_answers([response.answers.add() for _ in answers], answers)
        return response

    async def EndOutsideCovers(self, request: pb.EndOutsideCoversRequest, call: Call) -> pb.EndOutsideCoversResponse:
        answers = await self._ends.ask([cover_key(key) for key in request.keys])
        response = pb.EndOutsideCoversResponse()
        write_cover_answers([response.answers.add() for _ in answers], answers)
        return response

    def _together(self, operation: Callable[[Connection, Sequence[Item], int], list[Answer]]) -> Together[Item, Answer]:
        """Calls that come while a transaction is under way share the next."""

        async def write(items: Sequence[Item]) -> list[Answer]:
            answers = await self._database.write(operation, items, self._now())
            self._reassess.notify()
            return answers

        return Together(write)

    def _claim(self, connection: Connection, wanted: Sequence[ledger.Resolve], now: int) -> list[ledger.Answer]:
        return ledger.claim(connection, wanted, now, now + self._term)

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _asker(call: Call, asking_district: str) -> Identity:
    """Whose the uses are. The caller list admits nobody but the own gateway, which vouches for the partner it names."""
    return Identity.of_district(asking_district, ASKER) if asking_district else call.identity


def _named(keys: Iterable[GuaranteeUseKey], asker: Identity) -> list[ledger.Named]:
    return [(use_key(key, asker.district), str(asker)) for key in keys]


def _resolve(resolution: pb.GuaranteeResolution, method: str, asker: Identity) -> ledger.Resolve:
    digest = content_digest(resolution.SerializeToString(deterministic=True))
    asked = Claim(method, str(asker), resolution.request_id, digest)
    return ledger.Resolve(asked, use_key(resolution.key, asker.district), resolution.units)


def guarantee_service(parts: AgencyParts, hold_seconds: int, claim_days: int) -> Service:
    """The service with its default callers."""
    servicer = GuaranteeServicer(parts, hold_seconds, claim_days)
    return Service(servicer, pb.DESCRIPTOR.services_by_name["GuaranteeService"], CALLERS)
