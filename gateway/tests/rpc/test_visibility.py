"""What partners are shown: by field and by role, and nothing that the policy does not name."""

from typing import Any

import pytest

from agencykit.settings import SettingsError
from clearance.common.v1.decision_pb2 import Decision
from clearance.district.v1.shown_clearance_pb2 import ShownClearance, ShownStanding
from clearance.district.v1.shown_movement_pb2 import ShownMovement
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, SignedReleaseOrder
from clearance.gateway.v1.transit_service_pb2 import Movement
from gateway.operations.settings import GatewaySettings
from gateway.rpc import shown_movements as movements
from gateway.rpc.shown_cases import all_of, as_clearance
from gateway.rpc.shown_movements import as_movement
from gateway.rpc.visibility import Visibility

BROKER = "spiffe://ningbo.clearance/broker/3104980001"
CASE = ShownClearance(number="310020040XKBM7K3M9QZ", broker=BROKER, state="RELEASED", version=2)
for _agency in ("customs", "inspection"):
    _decision = Decision(agency=_agency, verdict=Decision.VERDICT_APPROVED, clearance_number=CASE.number)
    CASE.agencies.append(ShownStanding(agency=_agency, required=True, decision=_decision))


MOVEMENT = ShownMovement(mrn="26CN310400000017J4", lrn="SPINDLES-0417", state="RELEASED", declarant=BROKER)


def shown(role: str, **roles: Any) -> ShownClearance | None:
    return Visibility({"version": "1", "roles": roles}).shown(CASE, role)


def test_a_role_sees_the_fields_that_are_named_for_it_and_no_others() -> None:
    told = shown("customs", customs={"clearance": ["number", "state"]})
    assert told == ShownClearance(number=CASE.number, state="RELEASED")


def test_vertically_an_agency_sees_of_its_own_kind_and_horizontally_of_the_others() -> None:
    rules = {"clearance": ["number"], "vertical": ["agency", "decision.verdict"], "horizontal": ["agency", "required"]}
    told = shown("customs", customs=rules)
    assert told is not None
    own, other = told.agencies
    assert own == ShownStanding(agency="customs", decision=Decision(verdict=Decision.VERDICT_APPROVED))
    assert other == ShownStanding(agency="inspection", required=True)


@pytest.mark.parametrize("role", ["broker", "operator", "console", "inspection"])
def test_whoever_is_named_nowhere_sees_nothing(role: str) -> None:
    assert shown(role, customs={"clearance": ["number", "state"]}) is None


def test_the_built_in_policy_shows_agencies_the_least_and_others_nothing() -> None:
    built_in = Visibility(GatewaySettings.model_construct(visibility_file=None).visibility())
    told = built_in.shown(CASE, "customs")
    assert told is not None
    assert [each.agency for each in told.agencies] == ["customs"]
    assert not told.broker
    assert built_in.shown(CASE, "broker") is built_in.shown(CASE, "operator") is None


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"clearance": ["nubmer"]}, "nubmer is no field of ShownClearance"),
        ({"vertical": ["decision.verdikt"]}, "decision.verdikt is no field of ShownStanding"),
        ({"movement": ["events"]}, "events is no field of ShownMovement"),
        # Which agency they are of would be passed over.
        ({"clearance": ["agencies"]}, "agencies is no field of ShownClearance"),
        ({"diagonal": []}, "no such entry"),
        ({"clearance": "number"}, "must be a list"),
    ],
)
def test_a_policy_with_a_fault_refuses_to_start(parts: Any, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        shown("customs", customs=parts)


def test_what_is_shown_whole_comes_over_whole_but_for_signatures_and_the_own_books() -> None:
    case = Clearance(number=CASE.number, broker=BROKER, state=Clearance.STATE_RELEASED, version=2, trace_id="0af7")
    case.create_time.FromJsonString("2004-11-01T08:00:00Z")
    case.consignment.reference = "NB-1"
    case.agencies.append(AgencyStanding(agency="customs", decision=Decision(verdict=Decision.VERDICT_APPROVED)))
    case.waiting.add(party="carrier")
    case.orders.append(SignedReleaseOrder(signature=b"ink"))
    case.orders[0].order.number = 1
    told = as_clearance(all_of(case), case.number, "ningbo")
    assert (told.shown_by_district, told.orders[0].signature) == ("ningbo", b"")
    case.orders[0].ClearField("signature")
    told.ClearField("shown_by_district")
    assert told == case


def test_a_state_that_is_not_known_here_is_told_as_none() -> None:
    assert as_clearance(ShownClearance(state="LEVITATING"), "X", "ningbo").state == Clearance.STATE_UNSPECIFIED


def test_of_a_movement_a_role_sees_the_fields_that_are_named_for_it() -> None:
    policy = Visibility({"version": "1", "roles": {"customs": {"movement": ["mrn", "state"]}, "port": {}}})
    assert policy.shown_movement(MOVEMENT, "customs") == ShownMovement(mrn=MOVEMENT.mrn, state="RELEASED")
    assert policy.shown_movement(MOVEMENT, "port") is policy.shown_movement(MOVEMENT, "broker") is None


def test_a_movement_told_by_a_partner_is_as_it_was_shown_and_says_by_whom() -> None:
    told = as_movement(MOVEMENT, MOVEMENT.mrn, "ningbo")
    assert (told.state, told.shown_by_district) == (Movement.STATE_RELEASED, "ningbo")
    assert movements.all_of(told) == MOVEMENT
    newer = as_movement(ShownMovement(state="TOWED"), MOVEMENT.mrn, "ningbo")
    assert (newer.mrn, newer.state) == (MOVEMENT.mrn, Movement.STATE_UNSPECIFIED)
