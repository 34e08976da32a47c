"""What the database itself refuses, and what the reckoning finds when somebody changed it all the same."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from agencykit.decisions.requests import Claim
from agencykit.refusals import RequestIdReused, StateForbids
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.storage.rows import run
from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.kinds import ClaimState, Type
from customs.domain.guarantees.objection import Reason
from customs.domain.guarantees.terms import Reference, Wanted, against
from customs.domain.guarantees.use import Use
from customs.operations import guarantee_register as register
from customs.operations import guarantees as ledger
from customs.operations.reconciling import reckoning, reconcile
from customs.storage import covers

GRN, HOLDER, GATEWAY, SECRET = "19XX0040191000015", "3302961234", "spiffe://ningbo.clearance/gateway", b"hash"
KEY = UseKey("ningbo", "31002004NBGUAR000001", 1)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A guarantee of 1,000 of which one case holds 400."""
    upgrade(database_url, "customs.migrations")
    engine = make_engine(database_url, connections=1)
    with engine.begin() as connection:
        terms = Terms(GRN, Type.COMPREHENSIVE, HOLDER, "CNY", access_hash=SECRET)
        register.register(connection, [(terms, 1_000)], "officer", 0)
        reference = (Reference(GRN, proof=SECRET),)
        ledger.hold(connection, [Wanted(KEY, 400, "CNY", HOLDER, reference, GATEWAY, b"content", 900)], 0)
    yield engine
    engine.dispose()


UNBALANCED = (
    "UPDATE guarantee_entries SET units = 1",
    "DELETE FROM guarantee_entries",
    "UPDATE guarantees SET available = available + 1",
    "UPDATE guarantees SET available = -1, limit_units = 399",
    "UPDATE guarantees SET available = 601, shortfall = 1",
    "UPDATE guarantees SET type = 7",
    "UPDATE guarantees SET type = 4, for_scheme = true",
    "UPDATE guarantee_parts SET outstanding = 0",
    "UPDATE guarantee_uses SET state = 3",
    "INSERT INTO guarantee_entries SELECT grn, 3, act, source, target, 0, district, clearance_number, generation, "
    "caller, entry_time FROM guarantee_entries WHERE number = 1",
)
BEHIND_ITS_BACK = (
    ("UPDATE guarantees SET available = available + 1, limit_units = limit_units + 1", f"{GRN}: the register has"),
    ("UPDATE guarantee_parts SET units = 500, outstanding = 500", f"{GRN}: use {KEY.case}/1 is"),
    ("DELETE FROM guarantee_parts", f"{GRN}: entries of {KEY.case}/1 give"),
    ("UPDATE guarantees SET entries = 7", f"{GRN}: the register has"),
    ("UPDATE guarantees SET claimed = 7", f"{GRN}: the register has 7 claimed"),
    ("DELETE FROM guarantee_uses", f"{GRN}: use {KEY.case}/1 is"),
    ("DELETE FROM guarantees", f"{GRN}: entry 1 is about no guarantee"),
)


def test_the_database_refuses_what_would_not_balance(engine: Engine) -> None:
    for statement in UNBALANCED:
        with pytest.raises(DBAPIError), engine.begin() as connection:
            run(connection, statement)
    with engine.begin() as connection:
        assert reconcile(connection).differences == []


def test_what_was_changed_behind_the_ledgers_back_is_named_first(engine: Engine) -> None:
    told = []
    for statement, _ in BEHIND_ITS_BACK:
        with engine.connect() as connection, connection.begin() as transaction:
            run(connection, statement)
            told.append(reckoning(connection).differences[0])
            transaction.rollback()
    for first, (_, begin) in zip(told, BEHIND_ITS_BACK, strict=True):
        assert first.startswith(begin)


def test_a_claims_number_is_nobody_elses(engine: Engine) -> None:
    other = KEY._replace(district="hangzhou")
    caller = "spiffe://hangzhou.clearance/gateway"
    with engine.begin() as connection:
        ledger.hold(
            connection, [Wanted(other, 100, "CNY", HOLDER, (Reference(GRN, proof=SECRET),), caller, b"", 900)], 0
        )
        ledger.confirm(connection, [(KEY, GATEWAY), (other, caller)], 1)
        for key, identity, expected in ((KEY, GATEWAY, Use), (other, caller, RequestIdReused)):
            asked = Claim("claim", identity, "0af7651916cd43dd8448eb211c80319c", b"digest")
            [answer] = ledger.claim(connection, [ledger.Resolve(asked, key, 0)], 2, 99)
            assert isinstance(answer, expected)
        left = ledger.find(connection, other, caller)
        assert isinstance(left, Use)
        assert left.outstanding == 100


def test_what_claims_took_stays_off_a_new_limit_until_they_end(engine: Engine) -> None:
    with engine.begin() as connection:
        ledger.confirm(connection, [(KEY, GATEWAY)], 1)
        ledger.claim(connection, [ledger.Resolve(Claim("claim", GATEWAY, "c-1", b""), KEY, 0)], 2, 99)
        with pytest.raises(StateForbids):
            register.alter(connection, register.Change(GRN, limit=399), "officer", 3)
        register.alter(connection, register.Change(GRN, limit=1_500), "officer", 3)
        assert register.find(connection, [GRN])[0].balances.limit == 1_100
        register.settle(connection, "c-1", ClaimState.PAID, "officer", 4)
        assert register.find(connection, [GRN])[0].balances.limit == 1_500
        # Paid back afterwards, it moves nothing more.
        register.settle(connection, "c-1", ClaimState.REFUNDED, "officer", 5)
        assert register.find(connection, [GRN])[0].balances.limit == 1_500


def test_what_was_claimed_covers_until_it_is_given_back(engine: Engine) -> None:
    with engine.begin() as connection:
        ledger.confirm(connection, [(KEY, GATEWAY)], 1)
        ledger.claim(connection, [ledger.Resolve(Claim("claim", GATEWAY, "c-1", b""), KEY, 300)], 2, 99)
        covered = []
        for state in (ClaimState.PAID, ClaimState.REFUNDED):
            covered.append(covers.standing_for(connection, "ningbo", [KEY.case]))
            register.settle(connection, "c-1", state, "officer", 3)
        assert [*covered, covers.standing_for(connection, "ningbo", [KEY.case])] == [
            *[{KEY.case: 400}] * 2,
            {KEY.case: 100},
        ]


def test_no_access_code_opens_nothing_even_where_no_hash_was_stored() -> None:
    wanted = Wanted(KEY, 1, "CNY", HOLDER, (Reference(GRN),), GATEWAY, b"", 900)
    found = against(Terms(GRN, Type.COMPREHENSIVE, HOLDER, "CNY"), wanted, wanted.references[0], 0)
    assert found is not None
    assert found.reason is Reason.ACCESS_DENIED


def test_a_clearance_is_covered_by_what_its_own_district_has_confirmed_and_still_uses(engine: Engine) -> None:
    cases = [KEY.case, "31002004NBGUAR000002"]
    with engine.begin() as connection:
        assert covers.standing_for(connection, "ningbo", cases) == {}, "only held"
        ledger.confirm(connection, [(KEY, GATEWAY)], 1)
        assert covers.standing_for(connection, "ningbo", cases) == {KEY.case: 400}
        asked = Claim("Credit", GATEWAY, "9b3c8d1e-3f6c-4b0a-8a58-0d7f0a1f2b3c", b"digest")
        ledger.credit(connection, [ledger.Resolve(asked, KEY, 100)], 2)
        assert covers.standing_for(connection, "ningbo", cases) == {KEY.case: 300}
        assert covers.standing_for(connection, "hangzhou", cases) == {}
