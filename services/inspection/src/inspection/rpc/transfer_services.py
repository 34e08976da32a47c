"""Transfers of inspection at origin: TransferService, TransferClaimService, TransferExchangeService."""

import hmac

from agencykit.agency import AgencyParts
from agencykit.decisions.requests import Claim, content_digest
from agencykit.lodging import lodge
from agencykit.refusals import PasswordWrong, RequestIdReused
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage import to_micros
from clearance.inspection.v1 import transfer_service_pb2 as pb
from clearance.inspection.v1.certificate_service_pb2 import Certificate
from inspection.domain.transfers import password_hash, transfer_number
from inspection.operations import transferring
from inspection.rpc import entries
from inspection.rpc.transfer_messages import (
    origin_certificate,
    package_message,
    received_rows,
    transfer_message,
    transfer_row,
)

SALT_BYTES = 16


class TransferServicer:
    """Issues, takes back, unlocks and shows; `tries` is how many wrong passwords a transfer bears."""

    def __init__(self, parts: AgencyParts, tries: int) -> None:
        self._parts = parts
        self._district = parts.settings.district
        self._tries = tries

    async def IssueTransfer(self, request: pb.IssueTransferRequest, call: Call) -> pb.IssueTransferResponse:
        certificate = origin_certificate(request.certificate)
        runtime = self._parts.runtime
        number = transfer_number(self._district, str(call.identity), request.request_id)
        salt = runtime.randomness.bytes(SALT_BYTES)
        secret = await runtime.executor.run(password_hash, request.password, salt)
        transfer = pb.Transfer(
            number=number,
            certificate=certificate,
            origin_district=self._district,
            destination_district=request.destination_district,
        )
        row = transfer_row(transfer, salt, secret, self._tries, to_micros(runtime.clock.now()))
        # What the id stands for is kept as a plain digest, which would give a short password away: compared apart.
        said = transfer.SerializeToString(deterministic=True)
        issued = await lodge(self._parts, call, request.request_id, said, transferring.issue, row)
        stored = await self._parts.database.read(transferring.find, number)
        if not issued:
            again = await runtime.executor.run(password_hash, request.password, stored.salt)
            if not hmac.compare_digest(again, stored.password_hash):
                raise RequestIdReused(request.request_id)
        return pb.IssueTransferResponse(transfer=transfer_message(stored))

    async def CancelTransfer(self, request: pb.CancelTransferRequest, call: Call) -> pb.CancelTransferResponse:
        number, district = request.number, self._district
        await lodge(self._parts, call, request.request_id, call.request_bytes, transferring.cancel, number, district)
        return pb.CancelTransferResponse(transfer=await self._shown(request.number))

    async def UnlockTransfer(self, request: pb.UnlockTransferRequest, call: Call) -> pb.UnlockTransferResponse:
        number, tries = request.number, self._tries
        await lodge(self._parts, call, request.request_id, call.request_bytes, transferring.unlock, number, tries)
        return pb.UnlockTransferResponse(transfer=await self._shown(request.number))

    async def GetTransfer(self, request: pb.GetTransferRequest, call: Call) -> pb.GetTransferResponse:
        return pb.GetTransferResponse(transfer=await self._shown(request.number))

    async def _shown(self, number: str) -> pb.Transfer:
        return transfer_message(await self._parts.database.read(transferring.find, number))


class TransferClaimServicer:
    """Claims at the port."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def ClaimTransfer(self, request: pb.ClaimTransferRequest, call: Call) -> pb.ClaimTransferResponse:
        runtime, database = self._parts.runtime, self._parts.database
        known = await database.read(transferring.find, request.number)
        transferring.check_claimable(known, str(call.identity), self._parts.settings.district)
        proof = await runtime.executor.run(password_hash, request.password, known.salt)
        asked = Claim(call.method, str(call.identity), request.request_id, content_digest(request.number.encode()))
        entry = entries.certificate_entry(Certificate.FromString(known.certificate))
        district, now = self._parts.settings.district, to_micros(runtime.clock.now())
        claimed = await database.write(transferring.claim, asked, request.number, proof, entry, district, now)
        if not claimed.right:
            raise PasswordWrong(claimed.row.tries_left)
        self._parts.reassess.notify()
        return pb.ClaimTransferResponse(transfer=transfer_message(claimed.row))


class TransferExchangeServicer:
    """Hands transfers to the gateway and takes them from it."""

    def __init__(self, parts: AgencyParts, tries: int) -> None:
        self._parts = parts
        self._district = parts.settings.district
        self._tries = tries

    async def DispatchTransfers(self, request: pb.DispatchTransfersRequest, call: Call) -> pb.DispatchTransfersResponse:
        act, request_id, places = (
            transferring.dispatch,
            request.request_id,
            (self._district, request.destination_district),
        )
        try:
            await lodge(self._parts, call, request_id, call.request_bytes, act, request_id, places)
        except transferring.NothingWaits:
            return pb.DispatchTransfersResponse()
        rows = await self._parts.database.read(transferring.dispatched, request_id)
        return pb.DispatchTransfersResponse(packages=[package_message(row) for row in rows])

    async def ReceiveTransfers(self, request: pb.ReceiveTransfersRequest, call: Call) -> pb.ReceiveTransfersResponse:
        rows = received_rows(request.packages, self._district, self._tries)
        await lodge(self._parts, call, request.request_id, call.request_bytes, transferring.receive, rows)
        stored = await self._parts.database.read(transferring.find_all, [row["number"] for row in rows])
        return pb.ReceiveTransfersResponse(transfers=[transfer_message(row) for row in stored])


def transfer_services(parts: AgencyParts, tries: int) -> list[Service]:
    """The services with their default callers."""
    services = pb.DESCRIPTOR.services_by_name
    return [
        Service(TransferServicer(parts, tries), services["TransferService"], ("operator/*",)),
        Service(TransferClaimServicer(parts), services["TransferClaimService"], ("operator/*", "broker/*")),
        Service(TransferExchangeServicer(parts, tries), services["TransferExchangeService"], ("gateway",)),
    ]
