"""GuaranteeReleaseService: brokers ask for release on guarantee, customs' operators claim."""

from collections.abc import Awaitable, Callable, Sequence

from agencykit.refusals import CallerNotListed, GuaranteeTypeMismatch
from agencykit.rpc.call import Call
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.gateway.v1 import guarantee_release_service_pb2 as pb
from clearance.gateway.v1.partner_service_pb2 import PartnerAbsence
from gateway.domain.guarantee import GuaranteeRelease, ReleaseState, Terms, is_overdue
from gateway.domain.home import ManyHomes
from gateway.domain.identifiers import Micros
from gateway.operations.desk import Desk
from gateway.operations.guarantee_steps import Act, Asked
from gateway.operations.guarantees import Guarantees
from gateway.operations.ledger import Hold, Named
from gateway.operations.views import View
from gateway.rpc.sight import broker_of, confined_to
from gateway.rpc.times import timestamp

AbsenceOf = Callable[[str], Awaitable[PartnerAbsence | None]]
# In these something is asked of the district that keeps the guarantees.
_ASKING = (ReleaseState.ASKED, ReleaseState.HELD, ReleaseState.RETURNING, ReleaseState.CLAIMING)


class GuaranteeReleaseServicer:
    """Answers brokers, each about his own clearances, and operators.

    `claimants` are who may claim; `absence` tells why a district gives no answer, if it gives none.
    """

    def __init__(self, desk: Desk, guarantees: Guarantees, claimants: tuple[str, ...], absence: AbsenceOf) -> None:
        self._desk, self._guarantees, self._claimants = desk, guarantees, claimants
        self._absence = absence

    async def RequestGuaranteeRelease(
        self, request: pb.RequestGuaranteeReleaseRequest, call: Call
    ) -> pb.RequestGuaranteeReleaseResponse:
        """Held and confirmed, or refused."""
        broker = broker_of(call)
        view = await self._desk.read(request.number, broker)
        named = tuple(Named(each.grn, each.access_code) for each in request.guarantees)
        ledger, grns = self._guarantees.agency, tuple(each.grn for each in named)
        asked = Asked(
            *(request.request_id, broker, request.number, view.case.version, terms_of(view, ledger)),
            *(grns, self._home(grns), ledger),
        )
        release = await self._guarantees.ask(asked, named)
        return pb.RequestGuaranteeReleaseResponse(release=await self._told(release))

    def _home(self, grns: tuple[str, ...]) -> str:
        try:
            return self._guarantees.homes.of(grns)
        except ManyHomes as error:
            wrong = f"{error.home} keeps it, and {error.first} another that is named; name those of one district"
            raise GuaranteeTypeMismatch(error.grn, wrong) from None

    async def CancelGuaranteeRelease(
        self, request: pb.CancelGuaranteeReleaseRequest, call: Call
    ) -> pb.CancelGuaranteeReleaseResponse:
        """Being returned."""
        release = await self._guarantees.cancel(Act(request.request_id, broker_of(call), request.number))
        return pb.CancelGuaranteeReleaseResponse(release=await self._told(release))

    async def ClaimGuaranteeRelease(
        self, request: pb.ClaimGuaranteeReleaseRequest, call: Call
    ) -> pb.ClaimGuaranteeReleaseResponse:
        """Proposed to be claimed, or being claimed."""
        act = Act(request.request_id, self._claimant(call), request.number)
        return pb.ClaimGuaranteeReleaseResponse(
            release=await self._told(await self._guarantees.claim(act, request.reason))
        )

    async def WithdrawGuaranteeClaim(
        self, request: pb.WithdrawGuaranteeClaimRequest, call: Call
    ) -> pb.WithdrawGuaranteeClaimResponse:
        """No longer proposed."""
        act = Act(request.request_id, self._claimant(call), request.number)
        return pb.WithdrawGuaranteeClaimResponse(release=await self._told(await self._guarantees.withdraw_claim(act)))

    def _claimant(self, call: Call) -> str:
        if not any(call.identity.matches(pattern) for pattern in self._claimants):
            raise CallerNotListed(call.identity, call.method)
        return str(call.identity)

    async def ListGuaranteeReleases(
        self, request: pb.ListGuaranteeReleasesRequest, call: Call
    ) -> pb.ListGuaranteeReleasesResponse:
        """Of one clearance."""
        own = confined_to(call)
        found = await self._guarantees.of(request.number, own)
        return pb.ListGuaranteeReleasesResponse(releases=[await self._told(each) for each in found])

    async def _told(self, release: GuaranteeRelease) -> pb.GuaranteeRelease:
        message = _message(release, self._guarantees.context().now)
        claims = await self._guarantees.claims_of(release.number) if release.confirm_time is not None else {}
        if proposal := claims.get(release.generation):
            message.claim_proposer, message.claim_proposal_reason = proposal.proposer, proposal.reason
        if release.state in _ASKING and (absence := await self._absence(release.home)) is not None:
            message.home_absence.CopyFrom(absence)
        return message


def terms_of(view: View, ledger: str) -> Terms | None:
    """The guarantee on which the agency that keeps the ledger agrees to release; None where it states none."""
    standing = view.standings.get(ledger)
    if standing is None or standing.decision is None:
        return None
    decision = Decision.FromString(SignedDecision.FromString(standing.decision.signed).decision)
    if not decision.HasField("guarantee") or decision.guarantee.covered:
        return None
    stated = decision.guarantee
    return Terms(tuple(int(kind) for kind in stated.kinds), stated.amount_minor_units, stated.currency_code)


def hold_of(consignment_bytes: bytes, named: Sequence[Named], release: GuaranteeRelease) -> Hold:
    """What is to be held: for the trader's goods, on his guarantees."""
    consignment = Consignment.FromString(consignment_bytes)
    commodities = tuple(dict.fromkeys(item.commodity_code for item in consignment.items if item.commodity_code))
    return Hold(release, named, consignment.trader.identifier, consignment.customs_district_code, commodities)


def _message(release: GuaranteeRelease, now: Micros) -> pb.GuaranteeRelease:
    message = pb.GuaranteeRelease(
        number=release.number,
        generation=release.generation,
        state=int(release.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        kinds=release.terms.kinds,  # type: ignore[arg-type]  # likewise
        grns=release.grns,
        home_district=release.home,
        refusals=release.refusals,
        request_time=timestamp(release.request_time),
        broker=release.broker,
        claimant=release.claimant,
        claim_reason=release.claim_reason,
        granted_by_scheme=release.by_scheme,
        version=release.version,
        overdue=is_overdue(release, now),
    )
    message.amount.currency_code, message.amount.minor_units = release.terms.currency_code, release.terms.units
    for field, moment in (
        (message.amend_until_time, release.amend_until),
        (message.settle_until_time, release.settle_by if release.state is ReleaseState.CONFIRMED else None),
        (message.confirm_time, release.confirm_time),
        (message.end_time, release.end_time),
    ):
        if moment is not None:
            field.CopyFrom(timestamp(moment))
    return message
