"""The ledger of guarantees as operations need it; `rpc/` supplies it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.domain.guarantee import GuaranteeRelease, LedgerAnswer, Step


class Named(NamedTuple):
    """A guarantee as its user names it."""

    grn: str
    access_code: str

    def __repr__(self) -> str:
        """Access codes are never shown."""
        return f"Named({self.grn!r})"


@dataclass(frozen=True, slots=True)
class Hold:
    """What is to be held. `holder` is the enterprise whose guarantees these are."""

    release: GuaranteeRelease
    named: Sequence[Named]
    holder: str
    office: str
    commodities: tuple[str, ...]


# A hold of these guarantees for what a release is about, by the consignment's bytes.
HoldMaker = Callable[[bytes, Sequence[Named], GuaranteeRelease], Hold]


class LedgerPort(Protocol):
    """The ledger. Every call raises CallFailed where it gave no answer of the contract."""

    async def hold(self, holds: Sequence[Hold], span: str) -> Sequence[LedgerAnswer]:
        """Holds amounts for 1 to 256 uses, each the same however often it is asked for. The call is below `span`."""
        ...

    async def take(self, step: Step, releases: Sequence[GuaranteeRelease]) -> Sequence[LedgerAnswer]:
        """Takes one step for 1 to 256 uses; each is answered by itself, in their order."""
        ...
