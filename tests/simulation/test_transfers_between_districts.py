"""A certificate of inspection at origin, issued at Hangzhou, is claimed at Ningbo (电子转单); every call lost once."""

from pathlib import Path
from typing import Any

import pytest
from guaranteed import ABROAD, Guaranteed, rest
from guaranteed_districts import told_across
from simulated import CALL_SECONDS

from agencykit.refusals import CallerNotListed, DistrictMismatch, NotFound
from agencykit.testing.inline import Moment
from clearance.district.v1 import district_service_pb2 as district
from clearance.inspection.v1 import transfer_service_pb2 as pb
from clearance.inspection.v1.certificate_service_pb2 import Certificate

SERVICE = "/clearance.inspection.v1.TransferService/"
CLAIMS = "/clearance.inspection.v1.TransferClaimService/"
EXCHANGE = "/clearance.inspection.v1.TransferExchangeService/"
PASSWORD = "Jinhua-17"
MOMENTS: tuple[Moment, ...] = ("called", "answered")
CALLS = ((EXCHANGE, "DispatchTransfers"), (ABROAD, "DeliverTransfers"))
LOST = [(moment, service, method) for moment in MOMENTS for service, method in CALLS]


async def call(told: Guaranteed, who: str, method: str, request: Any, response: Any) -> Any:
    """A call to inspection of this district."""
    caller = told.district.transport("inspection", who)
    return await caller.unary(method, request, response, timeout_seconds=CALL_SECONDS)


async def issue(told: Guaranteed, name: str, to: str) -> str:
    """Number of a transfer of a certificate of this name."""
    certificate = Certificate(number=name, kind=Certificate.KIND_ORIGIN_INSPECTION)
    request = pb.IssueTransferRequest(
        request_id=told.district.runtime.ids.uuid(),
        certificate=certificate,
        destination_district=to,
        password=PASSWORD,
    )
    officer, response = "operator/officer-inspection", pb.IssueTransferResponse
    answer = await call(told, officer, f"{SERVICE}IssueTransfer", request, response)
    return str(answer.transfer.number)


async def claim(told: Guaranteed, number: str) -> pb.Transfer:
    request = pb.ClaimTransferRequest(request_id=told.district.runtime.ids.uuid(), number=number, password=PASSWORD)
    answer = await call(told, "broker/3104980001", f"{CLAIMS}ClaimTransfer", request, pb.ClaimTransferResponse)
    transfer: pb.Transfer = answer.transfer
    return transfer


@pytest.mark.parametrize(("moment", "service", "method"), LOST)
def test_what_hangzhou_issues_is_claimed_at_ningbo_whatever_call_is_lost(
    moment: Moment, service: str, method: str, tmp_path: Path
) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        hangzhou.break_ledger(moment, method, times=2, service=service)
        first = await issue(hangzhou, "JH-1", "ningbo")
        await rest(30)
        second = await issue(hangzhou, "JH-2", "ningbo")
        kept = await issue(hangzhou, "JH-3", "shanghai")
        await rest(30)
        for number, name in ((first, "JH-1"), (second, "JH-2")):
            claimed = await claim(ningbo, number)
            assert (claimed.state, claimed.certificate.number) == (pb.Transfer.STATE_CLAIMED, name)
            assert claimed.origin_district == "hangzhou"
        with pytest.raises(NotFound):
            await claim(ningbo, kept)
        assert set(hangzhou.broken.values()) == {0}

    told_across(tmp_path, story)


def test_a_partner_brings_its_own_districts_transfers_only(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        package = pb.TransferPackage(salt=b"s" * 16, password_hash=b"h" * 32)
        package.transfer.number, package.transfer.destination_district = "SHANGHAI-X", "ningbo"
        package.transfer.origin_district = "shanghai"
        package.transfer.certificate.number = "SH-1"
        package.transfer.certificate.kind = Certificate.KIND_ORIGIN_INSPECTION
        package.transfer.issue_time.FromDatetime(ningbo.district.runtime.clock.now())
        request = district.DeliverTransfersRequest(request_id=hangzhou.district.runtime.ids.uuid(), packages=[package])
        with pytest.raises(DistrictMismatch):
            await abroad(hangzhou, request)
        own, response = ningbo.district.transport("gateway", "gateway"), district.DeliverTransfersResponse
        with pytest.raises(CallerNotListed):
            await own.unary(f"{ABROAD}DeliverTransfers", request, response, timeout_seconds=CALL_SECONDS)

    told_across(tmp_path, story)


async def abroad(told: Guaranteed, request: district.DeliverTransfersRequest) -> None:
    """As this district's gateway would call its partner."""
    [link] = told.district.partners.values()
    response = district.DeliverTransfersResponse
    await link.unary(f"{ABROAD}DeliverTransfers", request, response, timeout_seconds=CALL_SECONDS)
