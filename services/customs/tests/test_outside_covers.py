"""What cases have confirmed of guarantees of other districts: recorded once, ended for good, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from agencykit.refusals import GuaranteeUseReused, Refusal, StateForbids
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.storage.rows import run
from customs.domain.guarantees.cover import Cover, CoverKey, Standing
from customs.operations.outside_covers import end, record
from customs.storage.covers import standing_for

FIRST, SECOND = CoverKey("31002004NBGUAR000001", 1), CoverKey("31002004NBGUAR000001", 2)
OTHER = CoverKey("31002004NBGUAR000002", 1)


def cover(key: CoverKey = FIRST, units: int = 400, currency: str = "CNY") -> Cover:
    """As Hangzhou has confirmed it."""
    return Cover(key, "hangzhou", units, currency, ("04CN0290000000013", "04CN0290000000022"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """No case is known yet."""
    upgrade(database_url, "customs.migrations")
    engine = make_engine(database_url, connections=2)
    yield engine
    engine.dispose()


def covered(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return standing_for(connection, "ningbo", [FIRST.clearance_number, OTHER.clearance_number])


def done(engine: Engine, act: object, *items: object) -> list[Standing | Refusal]:
    with engine.begin() as connection:
        answers: list[Standing | Refusal] = act(connection, items, 7)  # type: ignore[operator]
        return answers


def test_a_cover_counts_until_it_is_ended_and_never_again(engine: Engine) -> None:
    for _ in range(2):
        assert done(engine, record, cover()) == [Standing(FIRST, cover(), ended=False)]
        assert covered(engine) == {FIRST.clearance_number: 400}
    for _ in range(2):
        assert done(engine, end, FIRST) == [Standing(FIRST, cover(), ended=True)]
        assert covered(engine) == {}
    [late] = done(engine, record, cover())
    assert isinstance(late, StateForbids)
    assert covered(engine) == {}


def test_an_end_that_comes_first_bars_the_cover(engine: Engine) -> None:
    assert done(engine, end, FIRST) == [Standing(FIRST, None, ended=True)]
    [late] = done(engine, record, cover())
    assert isinstance(late, StateForbids)
    assert covered(engine) == {}


def test_covers_of_a_case_add_up_in_its_currency(engine: Engine) -> None:
    done(engine, record, cover(), cover(SECOND, 30), cover(OTHER, 5, "EUR"))
    assert covered(engine) == {FIRST.clearance_number: 430}
    done(engine, end, FIRST, OTHER)
    assert covered(engine) == {FIRST.clearance_number: 30}


def test_other_content_for_one_use_is_refused_and_nothing_else_of_the_batch(engine: Engine) -> None:
    first, again, other = done(engine, record, cover(), cover(units=401), cover(SECOND))
    assert isinstance(first, Standing)
    assert isinstance(again, GuaranteeUseReused)
    assert isinstance(other, Standing)
    [later] = done(engine, record, cover(units=1))
    assert isinstance(later, GuaranteeUseReused)


def test_an_item_twice_in_one_batch_is_done_once(engine: Engine) -> None:
    assert len(set(map(str, done(engine, record, cover(), cover())))) == 1
    assert len(set(map(str, done(engine, end, FIRST, FIRST)))) == 1


FORBIDDEN = (
    "UPDATE outside_covers SET units = 1",
    "DELETE FROM outside_covers",
    "DELETE FROM outside_cover_ends",
    "UPDATE outside_cover_ends SET end_time = 8",
    "INSERT INTO outside_covers SELECT clearance_number, 9, home_district, 0, currency_code, grns, 1 "
    "FROM outside_covers",
)


def test_the_database_neither_changes_nor_deletes_a_cover_and_takes_none_of_nothing(engine: Engine) -> None:
    done(engine, record, cover())
    done(engine, end, FIRST)
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError), engine.begin() as connection:
            run(connection, statement)
