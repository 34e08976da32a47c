"""Inspection's certificates by one officer."""

from clearance.inspection.v1 import certificate_service_pb2 as certificates
from tongguan.channels import Peer

_CERTIFICATES = "/clearance.inspection.v1.CertificateService/"


class Registry:
    """CertificateService by one identity."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def certificate(self, number: str) -> certificates.GetCertificateResponse:
        """One certificate with its use."""
        request = certificates.GetCertificateRequest(number=number)
        return self._peer.call(f"{_CERTIFICATES}GetCertificate", request, certificates.GetCertificateResponse)
