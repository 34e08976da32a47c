"""Who vouches for whom: each trust domain has its own authority, which vouches for names of that domain and no other.

The handshake alone does not say so: it takes a certificate of any authority in the bundle, whatever name stands in it.
So every certificate is checked again against the authority of the trust domain that it names.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agencykit.identity import Identity, IdentityError
from agencykit.rpc.peer import Peer, peer_of_certificate
from agencykit.settings import SettingsError

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class Authority:
    """PEM of what vouches for one trust domain: one authority, or several while one follows another.

    What it vouches for is nobody's any more after `until`.
    """

    pem: bytes
    until: datetime | None = None


class Authorities(Protocol):
    """Who vouches for whom; may change while a service runs. Asked on any thread."""

    def changed(self) -> Hashable:
        """Differs once anything has changed."""
        ...

    def read(self) -> Mapping[str, Authority]:
        """By trust domain. Raises SettingsError with every fault."""
        ...


@dataclass(frozen=True, slots=True)
class AuthorityFiles:
    """Authorities in files, which may be replaced; `files` are by trust domain."""

    files: Mapping[str, Path]

    def changed(self) -> Hashable:
        """See Authorities; a missing file is told when it is read."""
        return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in self.files.values())

    def read(self) -> Mapping[str, Authority]:
        """See Authorities."""
        faults = [
            f"ca_file: {file}, which is to vouch for {domain}, cannot be read"
            for domain, file in self.files.items()
            if not file.is_file()
        ]
        if faults:
            raise SettingsError(faults)
        return {domain: Authority(file.read_bytes()) for domain, file in self.files.items()}


class Trust:
    """What authorities there were at one moment. Certificates are asked about again and again: answers are kept."""

    def __init__(self, authorities: Mapping[str, Authority]) -> None:
        """Raises SettingsError with every fault."""
        from cryptography import x509

        self._untils = {domain: each.until for domain, each in authorities.items()}
        self._authorities: dict[str, list[x509.Certificate]] = {}
        faults = []
        for domain, authority in authorities.items():
            try:
                self._authorities[domain] = x509.load_pem_x509_certificates(authority.pem)
            except ValueError:
                faults.append(f"ca_file: what is to vouch for {domain} does not hold PEM of a certificate")
        faults = faults or self._shared()
        if faults:
            raise SettingsError(faults)
        self.bundle = b"\n".join(authority.pem for authority in authorities.values())
        self.peer = lru_cache(maxsize=1024)(self._peer)

    def _shared(self) -> list[str]:
        """An authority of two domains could make either's names, which is what is to be kept apart."""
        owners: dict[bytes, str] = {}
        faults = []
        for domain, authorities in self._authorities.items():
            for key in {_public_key(each) for each in authorities}:
                if owners.setdefault(key, domain) != domain:
                    faults.append(f"ca_file: {domain} and {owners[key]} have one authority; each needs its own")
        return faults

    def _peer(self, pem: bytes) -> Peer:
        """What the certificate says, and for which trust domain the authority that issued it vouches."""
        peer = peer_of_certificate(pem)
        voucher = self._voucher(pem, peer)
        ends = [end for end in (peer.not_after, self._untils.get(voucher)) if end is not None]
        return Peer(peer.uris, peer.serial, min(ends, default=None), voucher)

    def _voucher(self, pem: bytes, peer: Peer) -> str:
        """The one trust domain that the certificate names, where that domain's authority issued it; else nobody."""
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature

        try:
            [domain] = {Identity.parse(uri).trust_domain for uri in peer.uris}
        except (IdentityError, ValueError):
            return ""
        certificate = x509.load_pem_x509_certificate(pem)
        for authority in self._authorities.get(domain, ()):
            try:
                certificate.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return domain
        return ""


def _public_key(certificate: "x509.Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
