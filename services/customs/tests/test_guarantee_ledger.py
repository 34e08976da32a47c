"""The guarantee ledger against a model of a few lines: whatever is asked of it, on both databases."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Connection, Engine

from agencykit.decisions.requests import Claim
from agencykit.refusals import Refusal, StateForbids
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.storage.rows import run
from agencykit.testing.counts import count
from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.kinds import OPEN, Type, UseState
from customs.domain.guarantees.terms import Reference, Wanted
from customs.domain.guarantees.use import Use
from customs.operations import guarantee_register as register
from customs.operations import guarantees as ledger
from customs.operations.reconciling import reconcile

HOLDER, GATEWAY, OTHER = "3302961234", "spiffe://ningbo.clearance/gateway", "spiffe://hangzhou.clearance/gateway"
# GRN -> (type, limit): a comprehensive guarantee, a waiver, a deposit, two vouchers.
FIVE = {
    "04CN0000000000011": (Type.COMPREHENSIVE, 1_000),
    "04CN0000000000022": (Type.WAIVER, 300),
    "04CN0000000000033": (Type.CASH, 400),
    "04CN0000000000044A000001": (Type.VOUCHER, 700),
    "04CN0000000000044A000002": (Type.VOUCHER, 700),
}
SECRET = b"hash of the access code"
HOLD_LASTS = 50
ACTS = ["hold"] * 6 + ["confirm"] * 4 + ["credit"] * 2 + ["claim"] * 2 + ["cancel", "expire", "limit", "settle"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    upgrade(database_url, "customs.migrations")
    engine = make_engine(database_url, connections=1)
    yield engine
    engine.dispose()


@dataclass
class Model:
    """What must be, said as shortly as possible."""

    limits: dict[str, int] = field(default_factory=lambda: {grn: limit for grn, (_, limit) in FIVE.items()})
    # key -> [state, caller, {grn: outstanding}, until]
    uses: dict[UseKey, tuple[UseState, str, dict[str, int], int]] = field(default_factory=dict)

    # What open claims have taken off the limits: claim -> {grn: units}.
    claims: dict[str, dict[str, int]] = field(default_factory=dict)

    def lowered(self, grn: str) -> int:
        return sum(each.get(grn, 0) for each in self.claims.values())

    def available(self, grn: str) -> int:
        taken = sum(parts.get(grn, 0) for _, _, parts, _ in self.uses.values())
        return max(self.limits[grn] - taken, 0)


def wanted(key: UseKey, units: int, grns: list[str], caller: str, now: int) -> Wanted:
    references = tuple(Reference(grn, proof=SECRET) for grn in grns)
    content = f"{units}{grns}".encode()
    return Wanted(key, units, "CNY", HOLDER, references, caller, content, now + HOLD_LASTS)


def opened(connection: Connection) -> None:
    entries = [(Terms(grn, type_, HOLDER, "CNY", access_hash=SECRET), limit) for grn, (type_, limit) in FIVE.items()]
    register.register(connection, entries, "spiffe://ningbo.clearance/operator/chen", 0)


class Walk:
    """A drunken clerk: any act on any use at any time. After each, ledger and model say the same."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.engine, self.random, self.model = engine, random.Random(seed), Model()
        self.now, self.requests, self.steps, self.seen = 1, 0, 0, set[str]()

    def step(self) -> None:
        self.now, self.steps = self.now + self.random.randrange(20), self.steps + 1
        act = self.random.choice(ACTS)
        with self.engine.begin() as connection:
            getattr(self, act)(connection)
        with self.engine.begin() as connection:
            assert reconcile(connection).differences == []
            self.check(connection)

    def known(self) -> UseKey:
        """Mostly one that can still move."""
        able = [key for key, use in self.model.uses.items() if use[0] in OPEN]
        return self.random.choice(able) if able and self.random.random() < 0.8 else self.key()

    def key(self) -> UseKey:
        return UseKey("ningbo", f"C{self.random.randrange(self.steps // 8 + 3)}", self.random.randrange(1, 3))

    def caller(self) -> str:
        return self.random.choice([GATEWAY, GATEWAY, GATEWAY, OTHER])

    def hold(self, connection: Connection) -> None:
        key, caller, units = self.key(), self.caller(), self.random.randrange(1, 900)
        grns = self.random.sample(sorted(FIVE), self.random.randrange(1, 4))
        (answer,) = ledger.hold(connection, [wanted(key, units, grns, caller, self.now)], self.now)
        if key in self.model.uses or isinstance(answer, Refusal):
            self.seen.add(type(answer).__name__)
            return
        assert sum(self.model.available(grn) for grn in grns) >= units
        given = {part.grn: part.outstanding for part in answer.parts}
        assert sum(given.values()) == units
        assert all(0 < share <= self.model.available(grn) for grn, share in given.items())
        self.model.uses[key] = (UseState.HELD, caller, given, self.now + HOLD_LASTS)

    def confirm(self, connection: Connection) -> None:
        key, caller = self.known(), self.caller()
        (answer,) = ledger.confirm(connection, [(key, caller)], self.now)
        known = self.model.uses.get(key)
        if known and known[0] is UseState.HELD and known[1] == caller:
            assert isinstance(answer, Use)
            self.model.uses[key] = (UseState.CONFIRMED, *known[1:])
        self.same_state(key, answer, caller)

    def cancel(self, connection: Connection) -> None:
        key, caller = self.known(), self.caller()
        (answer,) = ledger.cancel(connection, [(key, caller)], self.now)
        known = self.model.uses.get(key)
        if known is None or known[:2] == (UseState.HELD, caller):
            self.model.uses[key] = (UseState.CANCELLED, caller, {}, 0)
        self.same_state(key, answer, caller)

    def credit(self, connection: Connection) -> None:
        self.resolve(connection, claimed=False)

    def claim(self, connection: Connection) -> None:
        self.resolve(connection, claimed=True)

    def resolve(self, connection: Connection, *, claimed: bool) -> None:
        key, caller, units = self.known(), self.caller(), self.random.choice([0, 1, 200])
        self.requests += 1
        asked = Claim("claim" if claimed else "credit", caller, f"request-{self.requests}", b"digest")
        resolve = ledger.Resolve(asked, key, units)
        answers = [
            ledger.claim(connection, [resolve], self.now, 99)
            if claimed
            else ledger.credit(connection, [resolve], self.now)
            for _ in range(2)
        ]
        # The second is a replay: the same effect, and the same answer.
        assert [type(answer) for answer in answers[0]] == [type(answer) for answer in answers[1]]
        known, answer = self.model.uses.get(key), answers[0][0]
        self.seen.add(answer.state.name if isinstance(answer, Use) else type(answer).__name__)
        if isinstance(answer, Refusal):
            return
        assert known is not None
        assert known[:2] == (UseState.CONFIRMED, caller)
        left = {part.grn: part.outstanding for part in answer.parts if part.outstanding}
        assert sum(known[2].values()) - sum(left.values()) == (units or sum(known[2].values()))
        if claimed:
            for grn, before in known[2].items():
                # What a claim takes lowers the limit, as far as the limit stood for it.
                taken = sum(parts.get(grn, 0) for _, _, parts, _ in self.model.uses.values())
                short = max(taken - self.model.limits[grn], 0)
                lowered = max(before - left.get(grn, 0) - short, 0)
                self.model.limits[grn] -= lowered
                self.model.claims.setdefault(asked.request_id, {})[grn] = lowered
        self.model.uses[key] = (answer.state, caller, left, 0)
        assert bool(left) == (answer.state is UseState.CONFIRMED)

    def expire(self, connection: Connection) -> None:
        ledger.expire(connection, self.now, 100)
        for key, (state, caller, _, until) in list(self.model.uses.items()):
            if state is UseState.HELD and until <= self.now:
                self.model.uses[key] = (UseState.EXPIRED, caller, {}, 0)
                self.seen.add("EXPIRED")

    def limit(self, connection: Connection) -> None:
        grn, limit = self.random.choice(sorted(FIVE)), self.random.randrange(1_200)
        change = register.Change(grn, limit=limit, shortfall_until=99)
        if limit < self.model.lowered(grn):
            with pytest.raises(StateForbids):
                register.alter(connection, change, "operator", self.now)
            return
        register.alter(connection, change, "operator", self.now)
        self.model.limits[grn] = limit - self.model.lowered(grn)

    def settle(self, connection: Connection) -> None:
        if not self.model.claims:
            return
        claim_id, paid = self.random.choice(sorted(self.model.claims)), self.random.random() < 0.5
        state = register.ClaimState.PAID if paid else register.ClaimState.REFUNDED
        register.settle(connection, claim_id, state, "operator", self.now)
        for grn, lowered in self.model.claims.pop(claim_id).items():
            goes_on = FIVE[grn][0] in {Type.COMPREHENSIVE, Type.WAIVER}
            self.model.limits[grn] += lowered if goes_on or not paid else 0
        with pytest.raises(StateForbids):
            register.settle(connection, claim_id, state, "operator", self.now)
        self.seen.add(state.name)

    def same_state(self, key: UseKey, answer: Use | Refusal, caller: str) -> None:
        known = self.model.uses.get(key)
        self.seen.add(answer.state.name if isinstance(answer, Use) else type(answer).__name__)
        if known and known[1] == caller and isinstance(answer, Use):
            assert answer.state is known[0]

    def check(self, connection: Connection) -> None:
        for grn, limit, available, held, confirmed in run(
            connection, "SELECT grn, limit_units, available, held, confirmed FROM guarantees"
        ):
            taken = {
                state: sum(parts.get(grn, 0) for each, _, parts, _ in self.model.uses.values() if each is state)
                for state in (UseState.HELD, UseState.CONFIRMED)
            }
            assert (held, confirmed) == (taken[UseState.HELD], taken[UseState.CONFIRMED])
            assert (limit, available) == (self.model.limits[grn], self.model.available(grn))


@pytest.mark.parametrize("seed", range(count(1, 8)))
def test_whatever_is_asked_the_ledger_and_the_model_say_the_same(engine: Engine, seed: int) -> None:
    walk = Walk(engine, seed)
    with engine.begin() as connection:
        opened(connection)
    for _ in range(count(200, 1_000)):
        walk.step()
    # The walk met what it is about.
    assert walk.seen >= {"CONFIRMED", "CREDITED", "CLAIMED", "CANCELLED", "EXPIRED", "NotFound", "StateForbids", "PAID"}
