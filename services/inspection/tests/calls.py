"""What inspection's tests ask a running agency for."""

from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.agency.v1.work_service_pb2 import WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.inspection.v1 import certificate_service_pb2 as pb
from clearance.inspection.v1 import transfer_service_pb2 as transfer_pb

SERVICE = "/clearance.inspection.v1.CertificateService/"
TRANSFERS = "/clearance.inspection.v1.TransferService/"
CLAIMS = "/clearance.inspection.v1.TransferClaimService/"
EXCHANGE = "/clearance.inspection.v1.TransferExchangeService/"
HEALTH, ORIGIN = pb.Certificate.KIND_HEALTH, pb.Certificate.KIND_ORIGIN_INSPECTION


async def certificate(operator: Caller, number: str, request_id: str = "", **fields: object) -> None:
    request = pb.LodgeCertificatesRequest(request_id=request_id or operator.runtime.ids.uuid())
    good = {"kind": HEALTH, "issue_country_code": "DE", "commodity_prefixes": ["0101", "0303", "9503"]}
    request.certificates.add(number=number, **(good | fields))  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}LodgeCertificates", request, pb.LodgeCertificatesResponse)
    assert list(answer.certificates) == list(request.certificates)


async def exemption(operator: Caller, holder: str, *, revoked: bool = False) -> None:
    request = pb.RegisterExemptionsRequest(request_id=operator.runtime.ids.uuid())
    good = {"holder_identifier": holder, "commodity_prefixes": ["9503"]}
    request.exemptions.add(number=f"MJ-{holder}", revoked=revoked, **good)  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}RegisterExemptions", request, pb.RegisterExemptionsResponse)
    assert list(answer.exemptions) == list(request.exemptions)


async def producer(operator: Caller, identifier: str, inspection_class: int) -> None:
    request = pb.RegisterProducersRequest(request_id=operator.runtime.ids.uuid())
    request.producers.add(identifier=identifier, name="慈溪玩具厂", inspection_class=inspection_class)
    answer = await operator.call(f"{SERVICE}RegisterProducers", request, pb.RegisterProducersResponse)
    assert list(answer.producers) == list(request.producers)


def animal_goods(reference: str, code: str) -> Consignment:
    """An import under a veterinary certificate that is named after the reference."""
    consignment = sea_import(reference)
    consignment.items[0].commodity_code = code
    consignment.items[0].documents.add(type_code="N853", number=f"V-{reference}")
    return consignment


def toys(reference: str, maker: str) -> Consignment:
    """An export of toys."""
    consignment = sea_import(reference)
    consignment.direction = Consignment.DIRECTION_EXPORT
    consignment.items[0].commodity_code = "95030041"
    consignment.items[0].producer_identifier = maker
    return consignment


def fish(reference: str, number: str, kilograms: float) -> Consignment:
    """An import of so much frozen fish under a veterinary certificate."""
    consignment = sea_import(reference)
    item = consignment.items[0]
    item.commodity_code, item.net_mass_kg = "0303131000", kilograms
    item.documents.add(type_code="N853", number=number)
    return consignment


async def certificate_use(caller: Caller, number: str) -> pb.GetCertificateResponse:
    request = pb.GetCertificateRequest(number=number)
    return await caller.call(f"{SERVICE}GetCertificate", request, pb.GetCertificateResponse)


def origin_certificate(number: str) -> pb.Certificate:
    return pb.Certificate(number=number, kind=ORIGIN, issue_country_code="CN", commodity_prefixes=["9503"])


async def issue(
    operator: Caller, number: str, request_id: str = "", password: str = "Jinhua-17", destination: str = "ningbo"
) -> transfer_pb.Transfer:
    """A transfer of the certificate of this number."""
    request = transfer_pb.IssueTransferRequest(
        request_id=request_id or operator.runtime.ids.uuid(),
        certificate=origin_certificate(number),
        destination_district=destination,
        password=password,
    )
    answer = await operator.call(f"{TRANSFERS}IssueTransfer", request, transfer_pb.IssueTransferResponse)
    return answer.transfer


async def claim(caller: Caller, number: str, password: str = "Jinhua-17") -> transfer_pb.Transfer:
    request = transfer_pb.ClaimTransferRequest(request_id=caller.runtime.ids.uuid(), number=number, password=password)
    answer = await caller.call(f"{CLAIMS}ClaimTransfer", request, transfer_pb.ClaimTransferResponse)
    return answer.transfer


async def act_on(operator: Caller, verb: str, number: str) -> transfer_pb.Transfer:
    """Cancels or unlocks a transfer."""
    request_type = getattr(transfer_pb, f"{verb}TransferRequest")
    request = request_type(request_id=operator.runtime.ids.uuid(), number=number)
    answer = await operator.call(f"{TRANSFERS}{verb}Transfer", request, getattr(transfer_pb, f"{verb}TransferResponse"))
    return answer.transfer  # type: ignore[no-any-return]


async def recall(operator: Caller, number: str, **fields: object) -> None:
    request = pb.RegisterRecallsRequest(request_id=operator.runtime.ids.uuid())
    request.recalls.add(number=number, reason="小零件脱落 small parts come off", **fields)  # type: ignore[arg-type]
    answer = await operator.call(f"{SERVICE}RegisterRecalls", request, pb.RegisterRecallsResponse)
    assert list(answer.recalls) == list(request.recalls)


async def after(agency: RunningAgency, number: str, revision: int) -> Decision:
    return agency.verified(await agency.gateway.next_revision(number, revision))


async def check(agency: RunningAgency, number: str, outcome: "WorkResult.Outcome.ValueType") -> None:
    """An officer examines the goods of a clearance."""
    [work] = (await agency.operator.list_work(number)).work
    await agency.operator.take_work(work.id)
    await agency.operator.record_work(work.id, outcome)
