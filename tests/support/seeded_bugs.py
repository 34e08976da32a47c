"""Faults that somebody might build in, to show that the simulation finds them. They live here and nowhere else.

Each replaces one seam of the product for as long as a test lasts. Where two safeguards stand behind one another, both
are taken away: the simulation must find what then happens, not that a safeguard is gone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agencykit.decisions import withdraw
from agencykit.runtime import guarded, voices
from agencykit.storage.database import Database
from agencykit.storage.rows import update
from customs.domain.guarantees.book import Book
from gateway.domain import advance
from gateway.domain.case import SURE, Surety
from gateway.domain.decision import standings
from gateway.operations import fold, issuing, record, recorder
from gateway.storage import audit, cases

Bug = Callable[[pytest.MonkeyPatch], None]


def skip_a_vote(patch: pytest.MonkeyPatch) -> None:
    """Border is not needed."""
    real = advance.released_scope

    def without_border(case: Any, found: Any) -> Any:
        needed = tuple(agency for agency in case.policy.required if agency != "border")
        return real(case.changed(policy=replace(case.policy, required=needed)), found)

    for module in (advance, issuing):
        patch.setattr(module, "released_scope", without_border)


def count_a_stale_version(patch: pytest.MonkeyPatch) -> None:
    """What an agency said of the version before counts until it has said something of this one."""

    def of_any_version(agencies: Iterable[str], version: int, decisions: Iterable[Any]) -> Any:
        told = list(decisions)
        found = standings(agencies, version, told)
        for older in range(version - 1, 0, -1):
            before = standings(found, older, told)
            found = {name: one if one.decision is not None else before[name] for name, one in found.items()}
        return found

    for module in (advance, fold):
        patch.setattr(module, "standings", of_any_version)


def release_before_confirm(patch: pytest.MonkeyPatch) -> None:
    """A yes on guarantee counts although nobody has recorded that the guarantee is confirmed."""
    patch.setattr(advance, "SURE", SURE | {Surety.NONE, Surety.REFUSED})


def no_tombstone(patch: pytest.MonkeyPatch) -> None:
    """An agency agrees to a withdrawal and remembers nothing."""
    patch.setattr(withdraw, "_end", lambda connection, number, version, now: None)


def no_deduplication(patch: pytest.MonkeyPatch) -> None:
    """Who asks the ledger twice, because the first answer was lost, is given twice."""
    real = Book.hold

    def hold(self: Book, wanted: Any, now: int) -> Any:
        self.uses.pop(wanted.key, None)
        return real(self, wanted, now)

    patch.setattr(Book, "hold", hold)


def audit_apart(patch: pytest.MonkeyPatch) -> None:
    """The audit has a transaction of its own, after the act's."""
    waiting: list[tuple[Any, ...]] = []
    real = Database.write

    async def write(self: Database, function: Any, *args: Any, **named: Any) -> Any:
        result = await real(self, function, *args, **named)
        if getattr(function, "func", function) is recorder.record:
            while waiting:
                await real(self, audit.write_audit, *waiting.pop(0))
        return result

    patch.setattr(record, "write_audit", lambda connection, *rows: waiting.append(rows))
    patch.setattr(Database, "write", write)


def without_epoch(patch: pytest.MonkeyPatch) -> None:
    """Whoever once held a case writes it, whoever holds it now."""

    class Any_:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    def unfenced(connection: Any, names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
        update(connection, cases.cases, names, ("number",), [row[:-1] for row in rows])

    patch.setattr(record, "lock_cases", lambda connection, numbers: dict.fromkeys(numbers, Any_()))
    patch.setattr(cases, "_update", unfenced)


def follow_any_clock(patch: pytest.MonkeyPatch) -> None:
    """What somebody sets the wall clock to is the time, whatever has run, and whatever others say."""
    patch.setattr(guarded, "_STEP", timedelta(days=365))
    patch.setattr(voices, "APART_SECONDS", timedelta(days=365).total_seconds())


# Bug → how its finding begins, and from which seed on it is looked for: those before it do not meet it.
BUGS: dict[str, tuple[Bug, tuple[str, ...], int]] = {
    "skip a vote": (skip_a_vote, ("G1",), 4),
    "count a stale version": (count_a_stale_version, ("G1",), 8),
    "release before confirm": (release_before_confirm, ("G1",), 8),
    "no tombstone": (no_tombstone, ("G2",), 6),
    "no de-duplication": (no_deduplication, ("G5",), 18),
    "non-atomic audit": (audit_apart, ("G14",), 0),
    "follow whatever clock": (follow_any_clock, ("G24", "LIVE"), 49),
    "write without the lease's epoch": (without_epoch, ("G2", "G8", "G14", "G1", "LIVE"), 34),
}
