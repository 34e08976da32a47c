"""The ledger under many at once, on both databases, while connections are killed and somebody reads all the time."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.refusals import Refusal, Unavailable
from agencykit.runtime import real_runtime
from agencykit.storage import Database
from agencykit.storage.migrations import upgrade
from agencykit.storage.rows import run
from agencykit.testing.counts import count
from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.kinds import Act, Type
from customs.domain.guarantees.terms import Reference, Wanted
from customs.domain.guarantees.use import Use
from customs.operations import guarantee_register as register
from customs.operations import guarantees as ledger
from customs.operations.reconciling import reconcile

HOLDER, GATEWAY, SECRET = "3302961234", "spiffe://ningbo.clearance/gateway", b"hash of the access code"
GRNS = ("04CN0000000000016", "04CN0000000000034", "04CN0000000000052")
LIMIT, UNITS, WORKERS = 1_000, 130, 8
CASES = count(4, 40)
TRIES = 400


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[list[Database]]:
    """Two replicas' views of one database; SQLite has one only."""
    upgrade(database_url, "customs.migrations")
    replicas = 2 if database_url.startswith("postgresql") else 1
    found = [Database(database_url, real_runtime()) for _ in range(replicas)]
    entries = [(Terms(grn, Type.COMPREHENSIVE, HOLDER, "CNY", access_hash=SECRET), LIMIT) for grn in GRNS]
    await found[0].write(register.register, entries, "officer", 0)
    yield found
    for database in found:
        await database.close()


class Clerk:
    """Takes cases from hold to the end; whatever is lost he asks again, as a gateway does."""

    def __init__(self, databases: list[Database], number: int) -> None:
        self.databases, self.number, self.random = databases, number, random.Random(number)
        self.lost, self.done = 0, Counter[str]()

    async def ask(self, operation: Callable[..., list[Any]], *args: Any) -> Use | Refusal:
        for _ in range(TRIES):
            try:
                (answer,) = await self.random.choice(self.databases).write(operation, *args)
            except Unavailable:
                # The outcome is not known: it may have been done.
                self.lost += 1
                await asyncio.sleep(0.01)
            else:
                assert isinstance(answer, Use | Refusal)
                return answer
        raise AssertionError("the database stayed away")

    async def work(self) -> None:
        for case in range(CASES):
            key = UseKey("ningbo", f"C{self.number}-{case}", 1)
            grn = self.random.choice(GRNS)
            wanted = Wanted(
                key, UNITS, "CNY", HOLDER, (Reference(grn, proof=SECRET),), GATEWAY, b"content", expire_time=10**18
            )
            while isinstance(await self.ask(ledger.hold, [wanted], 1), Refusal):
                self.done["refused"] += 1
                await asyncio.sleep(0.005)
            if self.random.random() < 0.2:
                await self.ask(ledger.cancel, [(key, GATEWAY)], 2)
                self.done["cancelled"] += 1
                continue
            assert isinstance(await self.ask(ledger.confirm, [(key, GATEWAY)], 2), Use)
            for part, units in enumerate((UNITS // 2, 0)):
                asked = Claim("credit", GATEWAY, f"{key.case}-{part}", b"digest")
                assert isinstance(await self.ask(ledger.credit, [ledger.Resolve(asked, key, units)], 3), Use)
            self.done["credited"] += 1


async def kill_connections(url: str, killed: list[int]) -> None:
    """Ends one connection of the ledger after the other, in the middle of whatever it does."""
    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        while True:
            await asyncio.sleep(0.03)
            ended = await connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS one"
            )
            killed.append((await ended.fetchone() or (0,))[0])


async def read_all_the_time(database: Database, read: list[int]) -> None:
    while True:
        try:
            found = await database.read(reconcile)
        except Unavailable:
            await asyncio.sleep(0.01)
            continue
        assert found.differences == []
        read.append(found.entries)
        await asyncio.sleep(0)


def acts(connection: Connection) -> Counter[tuple[str, int]]:
    rows = run(connection, "SELECT clearance_number, act FROM guarantee_entries WHERE generation = 1")
    return Counter(rows)


async def steadily(database: Database, operation: Callable[..., Any], *args: Any) -> Any:
    """Reads; a pool may still hold connections that were killed."""
    for _ in range(TRIES):
        try:
            return await database.read(operation, *args)
        except Unavailable:
            continue
    raise AssertionError("the database stayed away")


async def test_nothing_is_done_twice_or_lost_however_many_work_at_once(
    databases: list[Database], database_url: str
) -> None:
    clerks = [Clerk(databases, number) for number in range(WORKERS)]
    read: list[int] = []
    killed: list[int] = []
    reader = asyncio.create_task(read_all_the_time(databases[0], read))
    helpers = [reader]
    if database_url.startswith("postgresql"):
        helpers.append(asyncio.create_task(kill_connections(database_url, killed)))
    await asyncio.gather(*(clerk.work() for clerk in clerks))
    for helper in helpers:
        helper.cancel()
    ended = await asyncio.gather(*helpers, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * len(helpers)
    done = sum((clerk.done for clerk in clerks), Counter[str]())
    assert done["credited"] + done["cancelled"] == WORKERS * CASES
    counted = Counter(await steadily(databases[-1], acts))
    assert set(counted.values()) <= {1, 2}
    by_act = Counter(act for _, act in counted.elements())
    assert by_act == {
        Act.HOLD: WORKERS * CASES,
        Act.CONFIRM: done["credited"],
        Act.CREDIT: 2 * done["credited"],
        **({Act.CANCEL: done["cancelled"]} if done["cancelled"] else {}),
    }
    for account in await steadily(databases[-1], register.find, GRNS):
        assert (account.balances.available, account.balances.held, account.balances.confirmed) == (LIMIT, 0, 0)
    # It happened at once, and on PostgreSQL connections were lost in the middle.
    assert len(read) > 1
    assert done["refused"] or sum(clerk.lost for clerk in clerks) or len(databases) == 1
    assert bool(killed) == database_url.startswith("postgresql")
