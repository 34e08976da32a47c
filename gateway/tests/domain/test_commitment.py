"""24 hours by sea, 10 by air, 8 in special areas and industries (D1); key ports, industries and steps (D29)."""

import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from gateway.domain.commitment import Commitments, Journey
from gateway.operations.commitment_file import CommitmentFaults, read_commitments

ACCEPTED = 1_100_649_600_000_000
TOMORROW = ACCEPTED + 86_400_000_000
RIVETS = Journey("import", "sea", "", None, "CNBLG", "3302910001", ("7318160000",))


@pytest.fixture(scope="module")
def built_in() -> Commitments:
    return read_commitments(tomllib.loads(files("gateway.domain").joinpath("commitments.toml").read_text("utf-8")))


def file(**tables: Any) -> dict[str, Any]:
    return {"version": "test-1", **tables}


@pytest.mark.parametrize(
    ("mode", "special_area", "hours", "rule_id"),
    [
        ("sea", "", 24, "COMMIT-SEA"),
        ("air", "", 10, "COMMIT-AIR"),
        ("sea", "NB-BONDED", 8, "COMMIT-SPECIAL-AREA"),
        ("air", "NB-EPZ", 8, "COMMIT-SPECIAL-AREA"),
        ("rail", "", 0, "COMMIT-NONE"),
        ("unstated", "", 0, "COMMIT-NONE"),
    ],
)
def test_the_promise_follows_from_area_and_mode(
    built_in: Commitments, mode: str, special_area: str, hours: int, rule_id: str
) -> None:
    found = built_in.commitment(Journey("import", mode, special_area, None), ACCEPTED)
    assert (found.hours, found.rule_id) == (hours, rule_id)


@pytest.mark.parametrize(("code", "rule_id"), [("8542310000", "COMMIT-SPECIAL-INDUSTRY"), ("8543100000", "COMMIT-SEA")])
def test_one_goods_item_of_a_special_industry_is_enough(built_in: Commitments, code: str, rule_id: str) -> None:
    journey = replace(RIVETS, commodities=("7318160000", code))
    assert built_in.commitment(journey, ACCEPTED).rule_id == rule_id


@pytest.mark.parametrize(("arrival", "start"), [(None, ACCEPTED), (ACCEPTED - 1, ACCEPTED), (TOMORROW, TOMORROW)])
def test_the_clock_starts_at_acceptance_or_arrival_whichever_is_later(
    built_in: Commitments, arrival: int | None, start: int
) -> None:
    assert built_in.commitment(Journey("import", "sea", "", arrival), ACCEPTED).start_time == start


@pytest.mark.parametrize(
    ("named", "otherwise"),
    [
        ({"ports": ["CNBLG"]}, {"port": "CNNBG"}),
        ({"enterprises": ["3302910001"]}, {"enterprise": "3302910002"}),
        ({"commodities": ["7318"]}, {"commodities": ("7319",)}),
        ({"directions": ["import"]}, {"direction": "export"}),
        ({"modes": ["sea", "air"]}, {"mode": "rail"}),
        ({"special_areas": ["NB-EPZ"]}, {"special_area": "NB-BONDED"}),
    ],
)
def test_a_promise_applies_where_all_that_it_names_applies(named: dict[str, Any], otherwise: dict[str, Any]) -> None:
    both = {"rule_id": "COMMIT-TEST", "hours": 3, "modes": ["sea", "air"], **named}
    read = read_commitments(file(promise=[both]))
    journey = replace(RIVETS, special_area="NB-EPZ")
    assert read.commitment(journey, ACCEPTED).hours == 3
    assert read.commitment(replace(journey, **otherwise), ACCEPTED).hours == 0


def test_a_case_belongs_to_every_key_that_applies_and_a_step_is_everybodys(built_in: Commitments) -> None:
    electronics = replace(RIVETS, commodities=("8471300000",))
    assert [key.id for key in built_in.keys_of(electronics)] == ["PORT-BEILUN", "INDUSTRY-ELECTRONICS"]
    assert [key.id for key in built_in.keys_of(replace(electronics, port="CNSHG"))] == ["INDUSTRY-ELECTRONICS"]
    assert {key.holder for key in built_in.keys if key.kind == "step"} == {"customs", "inspection"}


def test_a_file_that_cannot_be_used_is_refused_with_every_fault() -> None:
    key = {"zh": "宁波港", "en": "Ningbo", "target_minutes": 60}
    with pytest.raises(CommitmentFaults) as refused:
        read_commitments(file(promise=[{"rule_id": "SEA", "hours": 0}], key=[{"id": "a", "kind": "gate"}], promises=[]))
    assert len(refused.value.faults) == 8
    twice = [{"id": "PORT-NINGBO", "kind": "port", **key}] * 2
    step = {"id": "STEP-PORT", "kind": "step", "holder": "port", **key}
    with pytest.raises(CommitmentFaults) as refused:
        read_commitments(file(key=[*twice, step]))
    assert refused.value.faults == (
        "commitments: key: PORT-NINGBO stands there twice",
        *("commitments: key: PORT-NINGBO of kind port names no ports",) * 2,
    )
