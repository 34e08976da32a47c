"""How each process of a running stack stands just now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tongguan.stack import certificates, records
from tongguan.stack.health import troubles, wait_until_healthy
from tongguan.stack.layout import POSTGRES, Layout
from tongguan.stack.ports import HOST
from tongguan.stack.records import Record

PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One replica. `pid` is 0 where it does not run; one that serves and cannot do all says so after it."""

    SERVES: ClassVar[str] = "serves"
    SILENT: ClassVar[str] = "does not answer"
    STOPPED: ClassVar[str] = "stopped"
    DEAD: ClassVar[str] = "has died"

    replica: str
    address: str
    pid: int
    state: str

    def to_json(self) -> dict[str, Any]:
        """As `status --json` has it."""
        return asdict(self)


def standings(layout: Layout) -> Sequence[Standing]:
    """Of all that `up` started, asked at the same time."""
    known = records.read_all(layout)
    with ThreadPoolExecutor(max(len(known), 1)) as pool:
        return list(pool.map(lambda record: _standing(layout, record), known))


def _standing(layout: Layout, record: Record) -> Standing:
    address = f"{HOST}:{record.port}" if record.port else str(layout.postgres)
    if not record.running():
        return Standing(record.service, address, 0, Standing.DEAD if record.wanted else Standing.STOPPED)
    if record.service == POSTGRES:
        return Standing(record.service, address, record.process.pid, Standing.SERVES)
    who = certificates.credentials(layout, certificates.IDENTITIES["operator"])
    state = Standing.SILENT
    if wait_until_healthy(address, who, PATIENCE_SECONDS, record.running):
        state = "; ".join([Standing.SERVES, *troubles(address, who)])
    return Standing(record.service, address, record.process.pid, state)
