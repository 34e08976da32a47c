"""Key ports, industries, enterprises and steps (重点) beside their own targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.table import Table

from clearance.gateway.v1.clearance_pb2 import Clearance, KeyTarget
from tongguan.report.commitments import Spread, spread, timed
from tongguan.report.tables import figures, share_of, table


@dataclass(frozen=True, slots=True)
class KeyKept:
    """One key: how many of its clearances were within its target, and how long they took.

    A step is held against the target by the time charged to its holder, in the clearances that it held up at all.
    """

    id: str
    kind: str
    zh: str
    en: str
    target_minutes: int
    priority: bool
    met: int
    missed: int
    # Still within the target, or over without having left.
    running: int
    times: Spread

    @property
    def share(self) -> float:
        """Share met, of all met or missed."""
        return self.met / max(self.met + self.missed, 1)


def keys_kept(keys: Iterable[KeyTarget], clearances: Sequence[Clearance]) -> list[KeyKept]:
    """One for each key, in their order."""
    return [_kept(key, clearances) for key in keys]


def _kept(key: KeyTarget, clearances: Sequence[Clearance]) -> KeyKept:
    target = timedelta(minutes=key.target_minutes)
    if key.kind == KeyTarget.KIND_STEP:
        found = [(case, time) for case in clearances for time in _charged(case, key.holder)]
    else:
        found = [(case, timed(case.clock.gross_duration)) for case in clearances if key.id in case.key_ids]
    left = [time for case, time in found if case.clock.left]
    met = sum(time <= target for time in left)
    late = sum(time > target for case, time in found if case.clock.left or not case.clock.HasField("end_time"))
    kind = KeyTarget.Kind.Name(key.kind).removeprefix("KIND_").lower()
    names = (key.id, kind, key.display_name.zh, key.display_name.en)
    return KeyKept(*names, key.target_minutes, key.priority, met, late, len(found) - met - late, spread(left))


def _charged(case: Clearance, holder: str) -> list[timedelta]:
    return [timed(share.duration) for share in case.clock.shares if share.holder == holder]


def keys_table(keys: Iterable[KeyKept]) -> Table:
    """Each beside its target."""
    columns = (
        "key",
        "kind",
        "name",
        "target h",
        "met",
        "missed",
        "share met",
        "running",
        "mean h",
        "median h",
        "p90 h",
    )
    made = table("Key ports, industries, enterprises and steps", *columns, numbers=columns[3:])
    for key in keys:
        counts = [str(key.met), str(key.missed), share_of(key.met, key.missed), str(key.running)]
        _, *times = figures(key.times)
        name = f"{key.zh} {key.en}" + ", goes before others" * key.priority
        made.add_row(key.id, key.kind, name, f"{key.target_minutes / 60:g}", *counts, *times)
    return made
