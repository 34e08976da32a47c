"""Who may move goods under customs control (境内承运海关监管货物)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agencykit.refusals import CallerNotListed, NotFound
from agencykit.runtime import real_runtime
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.customs.v1 import carrier_service_pb2 as pb
from clearance.customs.v1 import register_service_pb2 as register
from customs.app import CustomsSettings, build
from customs.domain.carriers import Carriage, Carrier, Standing, folded_vehicle, standing

NOW = datetime(2004, 11, 22, 8, tzinfo=UTC)
SIMING = Carrier("3302970077", vehicles=frozenset({"ZHEB21300"}))
REGISTER = "/clearance.customs.v1.RegisterService/"
CHECK = "/clearance.customs.v1.CarrierService/CheckCarriers"
ROAD, RAIL = TransportMeans.MODE_ROAD, TransportMeans.MODE_RAIL
NOT_STATED = TransportMeans.MODE_UNSPECIFIED


def carriage(vehicle: str = "", mode: int = ROAD, *, leaving: bool = False) -> Carriage:
    return Carriage("3302970077", mode, folded_vehicle(vehicle), leaving)


@pytest.mark.parametrize(
    ("carrier", "by", "found"),
    [
        (None, carriage(), Standing.UNKNOWN),
        (SIMING, carriage("浙 zhe-b 21300"), Standing.VEHICLE_UNKNOWN),
        (SIMING, carriage("zhe-b 213.00"), Standing.REGISTERED),
        (SIMING, carriage("ZHE-B-99999"), Standing.VEHICLE_UNKNOWN),
        (SIMING, carriage("ZHE-B-99999", RAIL), Standing.REGISTERED),
        (SIMING, carriage(""), Standing.REGISTERED),
        (SIMING, carriage("", leaving=True), Standing.VEHICLE_UNKNOWN),
        (SIMING, carriage("", NOT_STATED, leaving=True), Standing.VEHICLE_UNKNOWN),
        (SIMING, carriage("ZHE-B-99999", NOT_STATED), Standing.VEHICLE_UNKNOWN),
        (SIMING, carriage("ZHE-B-21300", NOT_STATED, leaving=True), Standing.REGISTERED),
        (SIMING, carriage("", RAIL, leaving=True), Standing.REGISTERED),
        (Carrier("3302970077"), carriage("ZHE-B-21300"), Standing.VEHICLE_UNKNOWN),
        (Carrier("3302970077", suspended=True), carriage(), Standing.SUSPENDED),
        (Carrier("3302970077", valid_from_time=NOW + timedelta(seconds=1)), carriage(), Standing.NOT_YET_VALID),
        (Carrier("3302970077", valid_from_time=NOW, valid_until_time=NOW), carriage(), Standing.REGISTERED),
        (Carrier("3302970077", valid_until_time=NOW - timedelta(seconds=1)), carriage(), Standing.EXPIRED),
    ],
)
def test_a_carrier_stands_as_the_register_says_and_by_road_with_its_vehicles_only(
    carrier: Carrier | None, by: Carriage, found: Standing
) -> None:
    assert standing(carrier, by, NOW) is found


def test_standings_have_the_contracts_numbers() -> None:
    assert {f"CARRIER_STANDING_{each.name}": each.value for each in Standing} == {
        name: number for name, number in pb.CarrierStanding.items() if number
    }


@pytest.fixture
async def customs(tmp_path: Path) -> AsyncIterator[InlineAgency]:
    """Customs with empty registers."""
    settings = agency_settings(CustomsSettings, "customs", own_database(tmp_path / "customs.db"))
    async with inline_agency(build, settings, "customs", real_runtime()) as running:
        yield running


async def enter(customs: Any, *carriers: register.Carrier) -> None:
    request = register.RegisterCarriersRequest(request_id=customs.runtime.ids.uuid(), carriers=carriers)
    await customs.operator.call(f"{REGISTER}RegisterCarriers", request, register.RegisterCarriersResponse)


async def check(caller: Any, *carriages: pb.Carriage) -> list[str]:
    answer = await caller.call(CHECK, pb.CheckCarriersRequest(carriages=carriages), pb.CheckCarriersResponse)
    return [pb.CarrierStanding.Name(each).removeprefix("CARRIER_STANDING_") for each in answer.standings]


def by_road(identifier: str, vehicle: str) -> pb.Carriage:
    return pb.Carriage(carrier_identifier=identifier, transport=TransportMeans(mode=ROAD, identification=vehicle))


async def test_the_gateway_asks_about_many_at_once_and_a_new_entry_takes_the_place_of_the_old(customs: Any) -> None:
    fleet = register.Carrier(
        identifier=" 3302970077", name="四明", vehicle_identifications=["ZHE-B-21300", "zheb 21307"]
    )
    await enter(customs, fleet, register.Carrier(identifier="3302970088", suspended=True))
    asked = [by_road("3302970077", "ZHE B 21307"), by_road("", ""), by_road("3302970088", "")]
    assert await check(customs.gateway, *asked) == ["REGISTERED", "UNKNOWN", "SUSPENDED"]
    await enter(customs, register.Carrier(identifier="3302970077", vehicle_identifications=["ZHE-B-21300"]))
    assert await check(customs.gateway, *asked) == ["VEHICLE_UNKNOWN", "UNKNOWN", "SUSPENDED"]


async def test_an_officer_looks_a_carrier_up_and_the_check_is_the_gateways_alone(customs: Any) -> None:
    entered = register.Carrier(identifier="3302970077", name="四明", vehicle_identifications=["ZHE-B-21300"])
    entered.valid_until_time.FromDatetime(NOW)
    await enter(customs, entered)
    asked = register.GetCarrierRequest(identifier="3302970077 ")
    found = await customs.operator.call(f"{REGISTER}GetCarrier", asked, register.GetCarrierResponse)
    entered.vehicle_identifications[:] = ["ZHEB21300"]
    assert found.carrier == entered
    missing = register.GetCarrierRequest(identifier="1")
    with pytest.raises(NotFound):
        await customs.operator.call(f"{REGISTER}GetCarrier", missing, register.GetCarrierResponse)
    with pytest.raises(CallerNotListed):
        await check(customs.operator, by_road("3302970077", ""))
