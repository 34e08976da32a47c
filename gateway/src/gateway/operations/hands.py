"""Releases by hand as their servicer sees them; every act may be repeated under its request id."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.refusals import NotFound
from agencykit.storage import Database
from gateway.domain.manual import Manual
from gateway.operations.context import Context
from gateway.operations.manual import Deed, Wanted, order, settle, withdraw
from gateway.operations.rulebook import Rulebook
from gateway.storage.cases import load_cases
from gateway.storage.manual import load_manuals, page_of_manuals
from gateway.storage.snapshot import begin_snapshot


@dataclass(slots=True)
class Hands:
    """Proposes, orders, takes back, settles; and tells what stands."""

    database: Database
    context: Callable[[], Context]
    rules: Rulebook
    # Called when a case has changed: watchers look, agencies hear, whoever was called to it finds it due.
    on_change: list[Callable[[], None]] = field(default_factory=list)

    async def order(self, wanted: Wanted) -> Manual:
        """Proposed, or ordered."""
        return self._changed(await self.database.write(order, wanted, self.context(), self.rules))

    async def withdraw(self, deed: Deed) -> Manual:
        """Taken back."""
        return self._changed(await self.database.write(withdraw, deed, self.context(), self.rules))

    async def settle(self, deed: Deed) -> Manual:
        """Its conflict settled."""
        return self._changed(await self.database.write(settle, deed, self.context(), self.rules))

    async def of(self, number: str) -> list[Manual]:
        """All of one case; NotFound where there is no such case."""
        return await self.database.read(_of, number)

    async def page(self, emergency: str, after: tuple[str, int], size: int) -> list[Manual]:
        """The next ones: of an emergency, or of all that are not reconciled."""
        return await self.database.read(_page, emergency, after, size)

    def _changed(self, made: Manual) -> Manual:
        for listener in self.on_change:
            listener()
        return made


def _of(connection: Connection, number: str) -> list[Manual]:
    begin_snapshot(connection)
    if not load_cases(connection, [number]):
        raise NotFound("clearance", number)
    return load_manuals(connection, [number]).get(number, [])


def _page(connection: Connection, emergency: str, after: tuple[str, int], size: int) -> list[Manual]:
    begin_snapshot(connection)
    keys = page_of_manuals(connection, emergency, after, size)
    found = load_manuals(connection, [number for number, _ in keys])
    return [found[number][serial - 1] for number, serial in keys]
