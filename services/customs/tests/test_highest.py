"""The highest duty that may fall due: never below what is assessed, and never less for more."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.running import Caller
from clearance.customs.v1 import duty_service_pb2 as pb
from customs.domain.consignment import ConsignmentView, Direction, Item
from customs.domain.highest import HighestDuty, Missing, OpenQuestion, highest_duty
from customs.domain.reference import Reference
from customs.domain.valuation import taxes

from .test_risk_service import customs as customs

CLASSIFICATION, ORIGIN, PRICE, TRADE_MODE = OpenQuestion
# Codes of every kind: with a heading of its own, under its chapter, of a free and of a dear chapter, of no chapter.
CODES = ("73181631", "73209000", "49019900", "87032130", "010110", "77000000", "")
items = st.builds(
    Item,
    number=st.integers(1, 9),
    code=st.sampled_from(CODES),
    origin_country_code=st.just("DE"),
    gross_mass_kg=st.none(),
    net_mass_kg=st.none() | st.floats(0, 1e6),
    value_minor_units=st.none() | st.integers(0, 10**12),
    currency_code=st.sampled_from(["EUR", "CNY", "JPY", "GBX"]),
    documents=st.just(()),
)
questions = st.frozensets(st.sampled_from(OpenQuestion))
candidates = st.lists(st.sampled_from(["7318", "87", "49019900", "0101"]), max_size=3)
Ask = Callable[..., HighestDuty]


@pytest.fixture
def ask(view: ConsignmentView, reference: Reference) -> Ask:
    """`ask(items, questions, candidates, trade mode)` of an import."""

    def ask(items: Any, questions: Any = (), candidates: Any = (), mode: str = "0110") -> HighestDuty:
        seen = replace(view, direction=Direction.IMPORT, trade_mode_code=mode, items=tuple(items))
        return highest_duty(seen, reference, questions, candidates)

    return ask


quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@quick
@given(st.lists(items, max_size=3), questions, candidates, st.sampled_from(["0110", "0214", "9900"]))
def test_it_is_never_below_what_is_assessed(ask: Ask, items: Any, questions: Any, candidates: Any, mode: str) -> None:
    assessed, highest = ask(items, mode=mode), ask(items, questions, candidates, mode)
    if assessed.total is not None and highest.total is not None:
        assert highest.total >= assessed.total


@quick
@given(items, questions, candidates, st.integers(0, 10**12))
def test_more_value_never_means_less_duty(ask: Ask, item: Item, questions: Any, candidates: Any, more: int) -> None:
    dearer = replace(item, value_minor_units=(item.value_minor_units or 0) + more)
    before, after = ask([item], questions, candidates).total, ask([dearer], questions, candidates).total
    assert before is None or after is None or after >= before


@quick
@given(items, questions, questions, candidates)
def test_one_more_open_question_never_means_less_duty(
    ask: Ask, item: Item, fewer: Any, further: Any, candidates: Any
) -> None:
    before, after = ask([item], fewer, candidates).total, ask([item], fewer | further, candidates).total
    assert before is None or after is None or after >= before


def test_without_questions_it_is_the_assessment_itself(judge: Any, ask: Ask, item: Item) -> None:
    (found,) = judge("CUS-141", view={"direction": Direction.IMPORT, "loading_time": None})
    assert ask([item]).total == found.amount_minor_units == 3_781_342


# 43 kg of rivet nuts (7318: 8 %, general 24 %, VAT 17 %, at most so many yuan a kilogram) for 143,450.00 yuan.
VALUE = 14_345_000


@pytest.mark.parametrize(
    ("asked", "candidates", "prefix", "value", "rates"),
    [
        ({ORIGIN}, (), "7318", VALUE, (240_000, 170_000)),
        ({CLASSIFICATION}, ("7318",), "7318", VALUE, (80_000, 170_000)),
        ({CLASSIFICATION}, ("7318", "8703"), "8703", VALUE, (342_000, 170_000)),
        ({CLASSIFICATION, ORIGIN}, ("8703213090",), "8703", VALUE, (1_030_000, 170_000)),
    ],
)
def test_each_question_is_answered_in_the_worst_way(
    ask: Ask, item: Item, reference: Reference, asked: Any, candidates: Any, prefix: str, value: int, rates: Any
) -> None:
    line = reference.schedule[prefix]
    assert rates[0] in (line.duty_rate, line.general_rate)
    (found,) = ask([item], asked, candidates).items
    assert (found.prefix, found.value, (found.duty, found.vat)) == (prefix, value, taxes(value, *rates))


def test_an_open_price_is_the_headings_highest_and_rounded_up(ask: Ask, item: Item) -> None:
    cheap = replace(item, value_minor_units=None, net_mass_kg=0.001)
    (found,) = ask([cheap], {PRICE}).items
    assert found.value == 500, "5,000 yuan a kilogram"
    (found,) = ask([replace(cheap, net_mass_kg=0.001001)], {PRICE}).items
    assert found.value == 501


def test_bonded_goods_owe_nothing_until_their_trade_mode_is_open(ask: Ask, item: Item) -> None:
    assert ask([item], mode="0214").total == 0
    assert ask([item], {TRADE_MODE}, mode="0214").total == ask([item]).total


@pytest.mark.parametrize(
    ("change", "asked", "missing"),
    [
        ({"code": "77000000"}, set(), Missing.COMMODITY_CODE),
        ({"net_mass_kg": None}, {PRICE}, Missing.NET_MASS),
        ({"currency_code": "GBX"}, {ORIGIN}, Missing.VALUE),
    ],
)
def test_what_nothing_bounds_is_told_and_no_sum(
    ask: Ask, item: Item, change: Any, asked: Any, missing: Missing
) -> None:
    found = ask([replace(item, **change), replace(item, number=2)], asked)
    assert (found.total, found.missing) == (None, ((1, missing),))


def test_a_duty_beyond_the_contracts_amounts_is_no_item_and_no_sum(ask: Ask, item: Item) -> None:
    heavy = replace(item, net_mass_kg=1e13)
    found = ask([heavy, replace(heavy, number=2)], {PRICE})
    assert found == HighestDuty((), ((1, Missing.TOO_LARGE), (2, Missing.TOO_LARGE)))


METHOD = "/clearance.customs.v1.DutyService/GetHighestDuty"


async def of(caller: Caller, number: str, *open_questions: int, codes: tuple[str, ...] = ()) -> pb.HighestDuty:
    request = pb.GetHighestDutyRequest(clearance_number=number, candidate_codes=codes)
    request.open_questions.extend(open_questions)  # type: ignore[arg-type]  # their numbers
    return (await caller.call(METHOD, request, pb.GetHighestDutyResponse)).highest_duty


async def test_it_is_asked_by_officers_and_by_the_broker_whose_it_is(customs: InlineAgency, tmp_path: Path) -> None:
    number = "NBDUTY00000017"
    item = assessment_item(number, sea_import(number), request_id=customs.runtime.ids.uuid())
    await customs.gateway.assess(item)
    found = await of(customs.operator, number)
    assert (found.total.minor_units, found.total.currency_code, found.version) == (3_380_670, "CNY", 1)
    highest = await of(customs.caller("broker/3104980001"), number, CLASSIFICATION, ORIGIN, PRICE)
    assert highest.total.minor_units > highest.assessed.minor_units == 3_380_670
    with pytest.raises(NotFound):
        await of(customs.caller("broker/3104980002"), number)
    with pytest.raises(CallerNotListed):
        await of(customs.caller("terminal/BEILUN-2"), number)
    with pytest.raises(FormInvalid):
        await of(customs.operator, number, PRICE, codes=("7318",))
    with pytest.raises(FormInvalid) as refused:
        await of(customs.operator, number, CLASSIFICATION, codes=("7318", "7701"))
    assert [each.path for each in refused.value.violations] == ["candidate_codes[1]"]
