"""The gateway's database as its operations see it: while it is an old copy nothing is written into it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection

from agencykit.backup.old_copies import standing
from agencykit.refusals import LogUnwritable
from agencykit.storage import Database

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class UnlessHeld(Generic[Result]):
    """Runs in the very transaction, so that nobody who slept meanwhile writes either. `func` is what is run."""

    func: Callable[..., Result]
    generation: int

    def __call__(self, connection: Connection, /, *args: object, **kwargs: object) -> Result:
        now = standing(connection)
        if now.held or now.generation != self.generation:
            raise LogUnwritable
        return self.func(connection, *args, **kwargs)


class KeptDatabase(Database):
    """`write` raises LogUnwritable while it is held, and in a process that began before it went on."""

    generation = 0

    async def write(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """See Database."""
        return await super().write(UnlessHeld(function, self.generation), *args, **kwargs)

    async def write_anyway(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """What is about no case and no order: whom it trusts, what it keeps for partners, that it is held."""
        return await super().write(function, *args, **kwargs)

    @property
    def anyway(self) -> "Open":
        """The same database, for those who write no more than that."""
        return Open(self)


class Open(Database):
    """See KeptDatabase.anyway."""

    def __init__(self, kept: KeptDatabase) -> None:
        self._kept, self.url, self.dialect = kept, kept.url, kept.dialect

    async def write(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """See Database."""
        return await self._kept.write_anyway(function, *args, **kwargs)

    async def read(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """See Database."""
        return await self._kept.read(function, *args, **kwargs)

    async def close(self) -> None:
        """Whoever made it closes it."""
