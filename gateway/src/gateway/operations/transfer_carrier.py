"""Carries transfers of inspection at origin (电子转单) to one partner district, each at least once and in order.

What is handed over under a request id is handed over again under the same id, and a known transfer changes nothing at
the other end. So the next id is used only once what came under the last one has arrived: an outage loses nothing.
"""

from dataclasses import dataclass, field
from typing import Protocol

from agencykit.runtime import Randomness
from agencykit.storage import Database
from gateway.domain.breaker import back_off_seconds
from gateway.domain.identifiers import request_id_about
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed
from gateway.storage.feeds import load_positions, store_positions

DUTY = "transfers"
# Where it stands among the positions of feeds: by partner.
FEED = "transfers to partners"
REST_SECONDS = 5.0
LONGEST_SECONDS = 60.0


class TransferPort(Protocol):
    """The way from the own inspection to a partner."""

    async def carry(self, request_id: str) -> int:
        """Hands over what waits, or what was handed over under this id before; how many. Raises CallFailed."""
        ...


@dataclass(slots=True)
class TransferCarrier:
    """One for each partner, so that one that is away holds up nobody else."""

    own: str
    partner: str
    port: TransferPort
    database: Database
    duties: Duties
    randomness: Randomness
    log: Log
    loop: Loop = field(init=False)
    _failures: int = 0

    def __post_init__(self) -> None:
        self.loop = Loop(f"{DUTY}:{self.partner}", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        epoch = self.duties.held.get(DUTY)
        if epoch is None:
            return REST_SECONDS
        sequence = (await self.database.read(load_positions, FEED)).get(self.partner, 0)
        try:
            count = await self.port.carry(request_id_about(DUTY, self.own, self.partner, sequence))
        except CallFailed as failed:
            self._failures += 1
            self.log.warning("transfers.put_off", district=self.partner, reason=failed.reason)
            return back_off_seconds(self._failures, self.randomness.uniform(0, 1), LONGEST_SECONDS, first_seconds=1.0)
        self._failures = 0
        if not count:
            return REST_SECONDS
        try:
            await self.duties.write(DUTY, epoch, store_positions, FEED, {self.partner: sequence + 1})
        except DutyLost:
            return REST_SECONDS
        self.log.info("transfers.carried", district=self.partner, count=count)
        return 0.0
