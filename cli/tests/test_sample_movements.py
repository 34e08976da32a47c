"""The sample of movements in transit."""

import json
from datetime import UTC, datetime
from typing import Any

import protovalidate
import pytest
import typer
from stdnum import iso6346
from typer.testing import CliRunner

from clearance.customs.v1.guarantee_register_service_pb2 import GuaranteeEntry
from tongguan.facts import TRANSIT_MESSAGES, parse_line
from tongguan.sample.command import sample
from tongguan.sample.movements import generate_movements

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
app = typer.Typer()
app.command()(sample)


@pytest.fixture(scope="module")
def messages() -> list[Any]:
    carrier, *lines = generate_movements(60, 7, NOON, "3104980001")
    assert list(carrier) == ["carrier"]
    return [parse_line(json.dumps(line), TRANSIT_MESSAGES)[1] for line in lines]


def test_movements_and_deposits_have_the_contracts_form(messages: list[Any]) -> None:
    for message in messages:
        protovalidate.validate(message if isinstance(message, GuaranteeEntry) else message.declaration)


def test_each_movement_has_a_deposit_of_its_holder_that_covers_it(messages: list[Any]) -> None:
    deposits = {each.guarantee.grn: each.guarantee for each in messages[:60]}
    assert len(deposits) == 60
    for movement in messages[60:]:
        [named] = movement.guarantees
        deposit = deposits[named.grn]
        assert deposit.holder_identifier == movement.declaration.holder.identifier
        assert deposit.limit == movement.declaration.guarantee_amount
        assert named.grn[4:8] == movement.declaration.departure_office_code
        assert iso6346.calc_check_digit(named.grn[:-1]) == named.grn[-1]


def test_they_go_to_all_three_partners_under_references_of_their_own(messages: list[Any]) -> None:
    declared = [message.declaration for message in messages[60:]]
    assert {each.destination_office_code[:2] for each in declared} == {"29", "22", "23"}
    assert len({each.lrn for each in declared}) == 60
    assert len({container.number for each in declared for container in each.containers}) >= 60


def test_the_carrier_is_one_and_the_same_and_each_movement_goes_by_a_vehicle_of_its_own_fleet() -> None:
    [(carrier, first), (again, second)] = (_carrier_and_vehicles(seed) for seed in (7, 8))
    assert carrier == again
    assert (first | second) <= set(carrier["vehicleIdentifications"])


def _carrier_and_vehicles(seed: int) -> tuple[dict[str, Any], set[str]]:
    carrier, *lines = generate_movements(20, seed, NOON, "3104980001")
    declared = [line["movement"]["declaration"] for line in lines if "movement" in line]
    assert {each["carrier"]["identifier"] for each in declared} == {carrier["carrier"]["identifier"]}
    return carrier["carrier"], {each["transport"]["identification"] for each in declared}


def test_seed_and_time_fix_the_lines() -> None:
    made = [list(generate_movements(3, seed, NOON, "3104980001")) for seed in (7, 7, 8)]
    assert made[0] == made[1] != made[2]


def test_the_command_prints_carrier_deposits_and_movements_and_no_truth_of_them(tmp_path: Any) -> None:
    result = CliRunner().invoke(app, ["2", "--movements"])
    kinds = [next(iter(json.loads(line))) for line in result.stdout.splitlines()]
    assert kinds == ["carrier", *["guarantee"] * 2, *["movement"] * 2]
    assert CliRunner().invoke(app, ["2", "--movements", "--truth", str(tmp_path / "truth")]).exit_code == 2
