"""The way to a partner: open while it answers, its bundle is in force and a contract version is agreed; closed else.

What is closed looks to callers like a partner that is away: everything for it waits and is asked again. Of one that did
not answer several times in a row one caller at a time tries (`domain.breaker`), and the others hear so at once.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from agencykit.rpc.transport import Refusal, Request, Response, SpanContext, Transport, Unreachable
from agencykit.runtime import Runtime
from gateway.domain.breaker import Breaker
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


# Somebody who gave less time than this may have given too little; it says nothing of the partner.
FAIR_SECONDS = 1.0


class NotSpoken(Unreachable):
    """The partner speaks no version of the contract that has it: its operator must renew it."""


@dataclass(frozen=True, slots=True)
class PartnerGate:
    """A Transport before the bare one."""

    transport: Transport
    keeper: PartnerKeeper
    breaker: Breaker
    runtime: Runtime

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
        with self._tried(timeout_seconds):
            return await self.transport.unary(
                method, request, response_type, timeout_seconds=timeout_seconds, trace=trace
            )

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

    @contextmanager
    def _tried(self, timeout_seconds: float) -> Iterator[None]:
        """Counts whether it answers at all: what it says of one letter or case concerns no other."""
        clock, breaker = self.runtime.clock, self.breaker
        if not breaker.permits(clock.monotonic(), patient=True):
            district = self.keeper.partner.district
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, f"{district} has not answered several times in a row")
        try:
            yield
        except Refusal:
            breaker.succeeded()
            raise
        except Unreachable as error:
            late = error.code is grpc.StatusCode.DEADLINE_EXCEEDED
            if error.code is grpc.StatusCode.UNAVAILABLE or (late and timeout_seconds >= FAIR_SECONDS):
                breaker.failed(clock.monotonic(), self.runtime.randomness.uniform(0, 1))
            elif not late:
                breaker.succeeded()
            raise
        else:
            breaker.succeeded()
        finally:
            breaker.tried()

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
