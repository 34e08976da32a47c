"""Who carries goods under customs control: customs says whether he is registered for it."""

from dataclasses import dataclass
from typing import Protocol

from agencykit.refusals import CarrierNotRegistered


@dataclass(frozen=True, slots=True)
class Carried:
    """Who is to carry, by number or else by name, and what customs says of him: how he stands, by name."""

    carrier: str
    standing: str

    def check(self) -> None:
        """Raises CarrierNotRegistered."""
        if self.standing != "REGISTERED":
            raise CarrierNotRegistered(self.carrier, self.standing)


class CarrierPort(Protocol):
    """Customs' register of carriers."""

    async def carried(self, declaration: bytes, trace: str, *, leaving: bool) -> Carried:
        """How the carrier of a declaration stands, or where none is named its holder. Raises CallFailed.

        By road he stands with his vehicle, which must be named once the goods are there or `leaving`.
        """
        ...


class AnyCarrier:
    """A district in which nobody keeps a register: whoever is named may carry."""

    async def carried(self, declaration: bytes, trace: str, *, leaving: bool) -> Carried:
        """See CarrierPort."""
        return Carried("", "REGISTERED")
