"""Own certificate and trusted authority as files that may be replaced while the service runs."""

import stat
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from agencykit.certifying.terms import out_of_force
from agencykit.identity import Identity
from agencykit.rpc.trust import Authorities
from agencykit.settings import ServiceSettings, SettingsError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: authority, own certificate (chain), own key."""

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def of(cls, settings: ServiceSettings) -> "TlsFiles":
        """The files that the settings name."""
        return cls(settings.ca_file, settings.cert_file, settings.key_file)

    def changed(self) -> tuple[int, ...]:
        """Differs once any of the files has been replaced."""
        return tuple(file.stat().st_mtime_ns for file in (self.ca, self.cert, self.key))

    def read(self) -> tuple[bytes, bytes, bytes]:
        """Authority, certificate, key."""
        return self.ca.read_bytes(), self.cert.read_bytes(), self.key.read_bytes()


class TlsMaterial(Protocol):
    """What a connection needs. Asked again and again, for it may change."""

    def changed(self) -> Hashable:
        """Differs once anything has changed."""
        ...

    def read(self) -> tuple[bytes, bytes, bytes]:
        """Authority, certificate, key, in PEM. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class PartnerTls:
    """The own certificate towards a partner, for whom none but the authorities of its trust domain may vouch."""

    own: TlsFiles
    authorities: Authorities
    trust_domain: str

    def changed(self) -> Hashable:
        """See TlsMaterial."""
        return self.own.changed(), self.authorities.changed()

    def read(self) -> tuple[bytes, bytes, bytes]:
        """See TlsMaterial."""
        _, cert, key = self.own.read()
        return self.authorities.read()[self.trust_domain].pem, cert, key


def check_files(files: TlsFiles, now: datetime) -> None:
    """Raises SettingsError with every fault of own certificate and key, which would else look like an outage."""
    faults = [f"{name}_file: {file} cannot be read" for name, file in _named(files) if not _readable(file)]
    faults += [f"key_file: {fault}" for fault in open_to_others(files.key)]
    if not faults:
        faults = _faults(files, now)
    if faults:
        raise SettingsError(faults)


def open_to_others(key: Path) -> list[str]:
    """The fault of a key file that others than its owner may read or write. A missing one is told when it is read."""
    try:
        mode = stat.S_IMODE(key.stat().st_mode)
    except OSError:
        return []
    return [f"{key} has mode {mode:04o}; a key is its owner's alone: chmod 600"] if mode & 0o077 else []


def check_signing_key(settings: ServiceSettings) -> None:
    """Raises SettingsError where others may read or write the key that signs."""
    file = settings.signing_key_file
    if faults := open_to_others(file) if file else []:
        raise SettingsError([f"signing_key_file: {fault}" for fault in faults])


def belongs(cert: bytes, key: bytes) -> bool:
    """Whether it is the certificate's key. While both are replaced, one after the other, it is not."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(key, None).public_key() == x509.load_pem_x509_certificate(cert).public_key()
    except (ValueError, TypeError):
        return False


def _named(files: TlsFiles) -> Sequence[tuple[str, Path]]:
    return (("ca", files.ca), ("cert", files.cert), ("key", files.key))


def _readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def _faults(files: TlsFiles, now: datetime) -> list[str]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    ca, cert, key = files.read()
    try:
        authorities, own = x509.load_pem_x509_certificates(ca), x509.load_pem_x509_certificate(cert)
        matches = load_pem_private_key(key, None).public_key() == own.public_key()
    except (ValueError, TypeError):
        return ["ca_file, cert_file or key_file does not hold PEM of a certificate or key"]
    faults = []
    if not matches:
        faults.append(f"key_file: {files.key} is not the key of {files.cert}")
    if flaw := out_of_force(cert, now):
        faults.append(f"cert_file: {files.cert} {flaw}")
    if all(own.issuer != authority.subject for authority in authorities):
        faults.append(f"cert_file: {files.cert} was not issued by an authority in {files.ca}")
    return faults


def own_identity(files: TlsFiles) -> Identity:
    """The identity in the own certificate."""
    from agencykit.rpc.peer import peer_of_certificate

    return Identity.parse(peer_of_certificate(files.cert.read_bytes()).uris[0])
