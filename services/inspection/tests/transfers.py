"""Transfers of inspection at origin, over sockets."""

import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, PasswordWrong, RequestIdReused, StateForbids
from agencykit.testing.agency_suite import new_number, refuses
from agencykit.testing.running import RunningAgency
from agencykit.testing.suite.supplied import Suite
from clearance.common.v1.decision_pb2 import Decision
from clearance.inspection.v1 import transfer_service_pb2 as transfer_pb

from .calls import (
    EXCHANGE,
    ORIGIN,
    act_on,
    after,
    certificate,
    certificate_use,
    claim,
    issue,
    origin_certificate,
    toys,
)


class Transfers(Suite):
    """What TransferService, TransferClaimService and TransferExchangeService promise."""

    async def test_a_transfer_claimed_at_the_port_releases_goods_inspected_at_origin(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        consignment = toys(number, "")
        consignment.documents.add(type_code="N003", number=f"JH-{number}")
        assert (await self.decide(agency, number, consignment)).verdict == Decision.VERDICT_PENDING
        issued = await issue(agency.operator, f"JH-{number}")
        assert (issued.state, issued.number[:7]) == (transfer_pb.Transfer.STATE_ISSUED, "NINGBO-")
        broker = agency.caller("broker/3104980001")
        with refuses(PasswordWrong):
            await claim(broker, issued.number, "Jinhua-18")
        claimed = await claim(broker, issued.number)
        assert claimed.state == transfer_pb.Transfer.STATE_CLAIMED
        assert claimed.claimant.endswith("broker/3104980001")
        assert await claim(broker, issued.number) == claimed
        with refuses(StateForbids):
            await claim(agency.operator, issued.number)
        passed = await after(agency, number, 2)
        assert [finding.rule_id for finding in passed.findings] == ["INS-236"]

    async def test_the_last_wrong_password_locks_a_transfer_until_an_officer_unlocks_it(
        self, agency: RunningAgency
    ) -> None:
        number = (await issue(agency.operator, f"JH-{new_number()}")).number
        broker = agency.caller("broker/3104980001")
        for tries_left in (4, 3, 2, 1, 0):
            with pytest.raises(PasswordWrong) as refused:
                await claim(broker, number, "wrong-wrong")
            assert refused.value.metadata["tries_left"] == str(tries_left)
        with refuses(StateForbids):
            await claim(broker, number)
        unlocked = await act_on(agency.operator, "Unlock", number)
        assert (unlocked.state, unlocked.tries_left) == (transfer_pb.Transfer.STATE_ISSUED, 5)
        assert (await claim(broker, number)).state == transfer_pb.Transfer.STATE_CLAIMED

    async def test_a_repeated_issue_finds_the_transfer_and_another_password_is_other_content(
        self, agency: RunningAgency
    ) -> None:
        name, request_id = f"JH-{new_number()}", agency.runtime.ids.uuid()
        issued = await issue(agency.operator, name, request_id)
        assert await issue(agency.operator, name, request_id) == issued
        with refuses(RequestIdReused):
            await issue(agency.operator, name, request_id, password="Jinhua-18")
        with refuses(StateForbids):
            await issue(agency.operator, name)
        assert (await act_on(agency.operator, "Cancel", issued.number)).state == transfer_pb.Transfer.STATE_CANCELLED
        again = await issue(agency.operator, name)
        with refuses(NotFound):
            await claim(agency.operator, "NINGBO-NOSUCH")
        with refuses(StateForbids):
            await claim(agency.operator, issued.number)
        assert (await claim(agency.operator, again.number)).certificate.number == name

    async def test_a_certificate_on_its_way_is_not_lodged_beside_and_a_claimed_one_can_be_revoked(
        self, agency: RunningAgency
    ) -> None:
        name = f"JH-{new_number()}"
        issued = await issue(agency.operator, name)
        with refuses(StateForbids):
            await certificate(agency.operator, name, kind=ORIGIN)
        await claim(agency.operator, issued.number)
        await certificate(agency.operator, name, kind=ORIGIN, revoked=True)
        assert (await certificate_use(agency.operator, name)).certificate.revoked

    async def test_only_operators_issue_and_only_the_gateway_carries(self, agency: RunningAgency) -> None:
        broker = agency.caller("broker/3104980001")
        with refuses(CallerNotListed):
            await issue(broker, "JH-1")
        request = transfer_pb.DispatchTransfersRequest(
            request_id=agency.runtime.ids.uuid(), destination_district="shanghai"
        )
        for caller in (broker, agency.operator):
            with refuses(CallerNotListed):
                await caller.call(f"{EXCHANGE}DispatchTransfers", request, transfer_pb.DispatchTransfersResponse)

    async def test_a_request_id_that_got_no_transfers_gets_those_that_come_later(self, agency: RunningAgency) -> None:
        request = transfer_pb.DispatchTransfersRequest(
            request_id=agency.runtime.ids.uuid(), destination_district="nanjing"
        )
        method, response = f"{EXCHANGE}DispatchTransfers", transfer_pb.DispatchTransfersResponse
        assert not (await agency.gateway.call(method, request, response)).packages
        issued = await issue(agency.operator, f"JH-{new_number()}", destination="nanjing")
        [package] = (await agency.gateway.call(method, request, response)).packages
        assert package.transfer.number == issued.number

    async def test_transfers_travel_between_districts_with_what_proves_their_password(
        self, agency: RunningAgency
    ) -> None:
        name, request_id = f"JH-{new_number()}", agency.runtime.ids.uuid()
        issued = await issue(agency.operator, name, destination="shanghai")
        with refuses(NotFound):
            await claim(agency.operator, issued.number)
        request = transfer_pb.DispatchTransfersRequest(request_id=request_id, destination_district="shanghai")
        handed, again = [
            await agency.gateway.call(f"{EXCHANGE}DispatchTransfers", request, transfer_pb.DispatchTransfersResponse)
            for _ in range(2)
        ]
        assert handed == again
        [package] = [each for each in handed.packages if each.transfer.number == issued.number]
        with refuses(StateForbids):
            await act_on(agency.operator, "Cancel", issued.number)
        package.transfer.number = f"JINHUA-{name}"
        package.transfer.origin_district = "jinhua"
        received = transfer_pb.ReceiveTransfersRequest(request_id=agency.runtime.ids.uuid(), packages=[package])
        with refuses(FormInvalid):
            await agency.gateway.call(f"{EXCHANGE}ReceiveTransfers", received, transfer_pb.ReceiveTransfersResponse)
        received.packages[0].transfer.destination_district = "ningbo"
        answer = await agency.gateway.call(
            f"{EXCHANGE}ReceiveTransfers", received, transfer_pb.ReceiveTransfersResponse
        )
        assert [each.number for each in answer.transfers] == [f"JINHUA-{name}"]
        assert (await claim(agency.operator, f"JINHUA-{name}")).state == transfer_pb.Transfer.STATE_CLAIMED
        assert (await certificate_use(agency.operator, name)).certificate == origin_certificate(name)
