"""Sealing that fails once is nothing, and one that fails for long is an error that people see."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agencykit.audit.sealer import Sealer
from agencykit.telemetry.metrics import NoMetrics


@dataclass
class Watched(NoMetrics):
    """Clock, log and metrics in one."""

    seconds: float = 0.0
    lines: list[tuple[str, int]] = field(default_factory=list)
    read: dict[str, Callable[[], float]] = field(default_factory=dict)

    def monotonic(self) -> float:
        return self.seconds

    def warning(self, event: str, *, duration_ms: int, error: Exception) -> None:
        self.lines.append((f"warning {event} {type(error).__name__}", duration_ms))

    def error(self, event: str, *, duration_ms: int, error: Exception) -> None:
        self.lines.append((f"error {event} {type(error).__name__}", duration_ms))

    def watch(self, name: str, unit: str, meaning: str, read: Callable[[], float]) -> None:
        self.read[name] = read


async def sealing(fails: bool) -> int:
    if fails:
        raise TimeoutError
    return 17


async def test_a_lasting_failure_is_an_error_and_a_metric_until_sealing_succeeds() -> None:
    watched = Watched()
    sealer = Sealer(watched, watched, watched)  # type: ignore[arg-type]
    for seconds, fails, sealed, behind in (
        (0, True, None, 0),
        (5, True, None, 5),
        (60, True, None, 60),
        (65, False, 17, 0),
    ):
        watched.seconds = seconds
        assert await sealer.tried(sealing(fails)) == sealed
        assert watched.read["audit.behind"]() == behind
    warned, failed = "warning audit.not_sealed TimeoutError", "error audit.not_sealed TimeoutError"
    assert watched.lines == [(warned, 0), (warned, 5_000), (failed, 60_000)]
