"""The way to a partner: open while its bundle is in force and a version of the contract is agreed, closed else.

What is closed looks to callers like a partner that is away: everything for it waits and is asked again.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import grpc

from agencykit.rpc.transport import Request, Response, SpanContext, Transport, Unreachable
from gateway.domain.partner import FIRST_VERSION, NONE_COMMON, THIRD_VERSION, Trust
from gateway.operations.partner_keeper import PartnerKeeper

# What the first version of the contract knows; all else came later.
_FIRST = frozenset(
    """
    HoldGuarantees ConfirmGuarantees CancelGuarantees CreditGuarantees ClaimGuarantees GetGuaranteeUse DeliverTransfers
    """.split()  # noqa: SIM905
)


# What came with the third.
_THIRD = frozenset(
    """
    RequestVerifications WithdrawVerification RecordHomeOrders FollowVerifications FollowVerifiedExits
    """.split()  # noqa: SIM905
)


class NotSpoken(Unreachable):
    """The partner speaks no version of the contract that has it: its operator must renew it."""


@dataclass(frozen=True, slots=True)
class PartnerGate:
    """A Transport before the bare one."""

    transport: Transport
    keeper: PartnerKeeper

    async def unary(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> Response:
        """See Transport."""
        await self._pass(method)
        return await self.transport.unary(method, request, response_type, timeout_seconds=timeout_seconds, trace=trace)

    async def stream(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> AsyncGenerator[Response, None]:
        """See Transport."""
        await self._pass(method)
        answers = self.transport.stream(method, request, response_type, timeout_seconds=timeout_seconds, trace=trace)
        async for each in answers:
            yield each

    async def close(self) -> None:
        """See Transport."""
        await self.transport.close()

    async def _pass(self, method: str) -> None:
        partner = self.keeper.partner
        if partner.trust(self.keeper.now()) is Trust.EXPIRED:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"the trust bundle of {partner.district} has expired")
        if partner.standing.contract_version is None:
            await self.keeper.agree()
        version = partner.standing.contract_version
        if version is None:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"no contract version is agreed with {partner.district}")
        name = method.rpartition("/")[2]
        too_old = (version == FIRST_VERSION and name not in _FIRST) or (version < THIRD_VERSION and name in _THIRD)
        if version == NONE_COMMON or too_old:
            raise NotSpoken(grpc.StatusCode.UNAVAILABLE, f"{partner.district} speaks no contract version that has it")
