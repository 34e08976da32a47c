"""What is known of a partner district, whether it is trusted, and which version of the contract both speak."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from gateway.domain.identifiers import Micros

DAY = 86_400_000_000
# A bundle that ends so soon is told of.
WARNING = 30 * DAY
# The contract's versions that are spoken here, N and N−1.
CONTRACT_VERSIONS = (3, 2)
# A gateway that does not know how to tell its versions speaks this one.
FIRST_VERSION = 1
# The first that knows of goods declared in one district and verified in another.
THIRD_VERSION = 3
NONE_COMMON = 0


class Trust(IntEnum):
    """Numbers are the contract's."""

    IN_FORCE = 1
    ENDS_SOON = 2
    EXPIRED = 3


class Reach(IntEnum):
    """Numbers are the contract's."""

    UNKNOWN = 1
    ANSWERS = 2
    AWAY = 3
    INCOMPATIBLE = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """How a partner stands. `contract_version` is None before any was agreed, NONE_COMMON where there is none."""

    contract_version: int | None = None
    gateway_version: str = ""
    reach_time: Micros | None = None
    unreached_since: Micros | None = None
    reason: str = ""
    bundle_fault: str = ""

    def answered(self, now: Micros, contract_version: int, gateway_version: str) -> "Standing":
        """It answered."""
        return replace(
            self,
            contract_version=contract_version,
            gateway_version=gateway_version,
            reach_time=now,
            unreached_since=None,
            reason="",
        )

    def missed(self, now: Micros, reason: str) -> "Standing":
        """It did not. What was agreed with it stands: it may be back any moment."""
        since = now if self.unreached_since is None else self.unreached_since
        return replace(self, unreached_since=since, reason=reason)

    def with_bundle_fault(self, fault: str) -> "Standing":
        """Why the bundle offered was not taken; empty where it was."""
        return replace(self, bundle_fault=fault)

    @property
    def reach(self) -> Reach:
        """How it is reached, in a word."""
        if self.unreached_since is not None:
            return Reach.AWAY
        if self.contract_version is None:
            return Reach.UNKNOWN
        return Reach.INCOMPATIBLE if self.contract_version == NONE_COMMON else Reach.ANSWERS

    def says_the_same(self, other: "Standing") -> bool:
        """Whether nothing but the moment of the last answer differs, which is not worth a transaction."""
        return replace(self, reach_time=None) == replace(other, reach_time=None)


def common_version(ours: Iterable[int], theirs: Iterable[int]) -> int:
    """The highest that both speak; NONE_COMMON where there is none."""
    return max({*ours} & {*theirs}, default=NONE_COMMON)


def trust_in(expire_time: Micros, now: Micros) -> Trust:
    """Where trust in a bundle that ends then stands."""
    if expire_time <= now:
        return Trust.EXPIRED
    return Trust.ENDS_SOON if expire_time - now <= WARNING else Trust.IN_FORCE
