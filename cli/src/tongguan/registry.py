"""Inspection's certificates and their transfers by one identity."""

from uuid import uuid4

from clearance.inspection.v1 import certificate_service_pb2 as certificates
from clearance.inspection.v1 import transfer_service_pb2 as transfers
from tongguan.channels import Peer

_CERTIFICATES = "/clearance.inspection.v1.CertificateService/"


_TRANSFERS = "/clearance.inspection.v1.TransferService/"
_CLAIMS = "/clearance.inspection.v1.TransferClaimService/"


class Registry:
    """CertificateService, TransferService and TransferClaimService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def certificate(self, number: str) -> certificates.GetCertificateResponse:
        """One certificate with its use."""
        request = certificates.GetCertificateRequest(number=number)
        return self._peer.call(f"{_CERTIFICATES}GetCertificate", request, certificates.GetCertificateResponse)

    def exemption(self, number: str) -> certificates.GetExemptionResponse:
        """One exemption with its spot checks."""
        request = certificates.GetExemptionRequest(number=number)
        return self._peer.call(f"{_CERTIFICATES}GetExemption", request, certificates.GetExemptionResponse)

    def issue(self, certificate: certificates.Certificate, district: str, password: str) -> transfers.Transfer:
        """A new transfer to the port of a district."""
        request = transfers.IssueTransferRequest(
            request_id=str(uuid4()), certificate=certificate, destination_district=district, password=password
        )
        return self._peer.call(f"{_TRANSFERS}IssueTransfer", request, transfers.IssueTransferResponse).transfer

    def claim(self, number: str, password: str) -> transfers.Transfer:
        """Claims it at the port."""
        request = transfers.ClaimTransferRequest(request_id=str(uuid4()), number=number, password=password)
        return self._peer.call(f"{_CLAIMS}ClaimTransfer", request, transfers.ClaimTransferResponse).transfer

    def cancel(self, number: str) -> transfers.Transfer:
        """Takes it back."""
        request = transfers.CancelTransferRequest(request_id=str(uuid4()), number=number)
        return self._peer.call(f"{_TRANSFERS}CancelTransfer", request, transfers.CancelTransferResponse).transfer

    def unlock(self, number: str) -> transfers.Transfer:
        """Gives it its tries back."""
        request = transfers.UnlockTransferRequest(request_id=str(uuid4()), number=number)
        return self._peer.call(f"{_TRANSFERS}UnlockTransfer", request, transfers.UnlockTransferResponse).transfer

    def transfer(self, number: str) -> transfers.Transfer:
        """How it stands."""
        request = transfers.GetTransferRequest(number=number)
        return self._peer.call(f"{_TRANSFERS}GetTransfer", request, transfers.GetTransferResponse).transfer
