"""Who asks, written as the contract's OriginatorAssertion and signed with the gateway's own key (ADR 40)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agencykit.evidence.originators import ASSESSMENT, WITHDRAWAL, Asked, sign_assertions
from agencykit.storage.times import from_micros
from gateway.domain.identifiers import Micros
from gateway.operations.ports import Met
from gateway.rpc.keys import OwnKeys
from gateway.rpc.orders import SIGNED_AT_ONCE


@dataclass(frozen=True, slots=True)
class SignedOriginators:
    """Says who asks (operations.ports.Voucher)."""

    keys: OwnKeys
    lifetime: timedelta

    def __call__(self, met: Sequence[Met], now: Micros) -> list[bytes]:
        """See Voucher."""
        asked = [_asked(each) for each in met]
        parts = [asked[place : place + SIGNED_AT_ONCE] for place in range(0, len(asked), SIGNED_AT_ONCE)]
        signer, moment = self.keys.signer, from_micros(now)
        return [signed for part in parts for signed in sign_assertions(signer, part, moment, self.lifetime)]


def _asked(met: Met) -> Asked:
    purpose = WITHDRAWAL if met.withdrawal else ASSESSMENT
    said = (met.originator, purpose, met.number, met.version, met.digest)
    return Asked(*said, met.audiences, met.relayed_from)
