"""Spot checks of exempt goods: a keyed draw that nobody foresees without the secret, and anybody with it can repeat.

It hangs on nothing that a broker could try out: not on the order of arrival, not on an amendment, not on sending again.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspection.domain.consignment import ConsignmentView

MILLION = 1_000_000
SEPARATOR = "\x1f"
CHINA = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """A draw as it is recorded: below `per_million` the goods are checked."""

    exemption_number: str
    drawn: int
    per_million: int

    @property
    def checked(self) -> bool:
        return self.drawn < self.per_million


def secret_of_day(secret: bytes, moment: datetime) -> bytes:
    """The key of the day in China. Giving it to an auditor tells nothing of other days."""
    return hmac.digest(secret, (moment + CHINA).date().isoformat().encode(), "sha256")


def draw(key: bytes, exemption_number: str, view: ConsignmentView) -> int:
    """A number from 0 to 999,999, evenly, for one consignment of one broker under one exemption."""
    parts = ("spot check", exemption_number, view.broker_licence, view.reference, view.transport_document_number)
    digest = hmac.digest(key, SEPARATOR.join(parts).encode(), "sha256")
    return int.from_bytes(digest[:8], "big") * MILLION >> 64
