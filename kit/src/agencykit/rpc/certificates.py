"""Own certificate and trusted authority as files that may be replaced while the service runs."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

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
    if not faults:
        faults = _faults(files, now)
    if faults:
        raise SettingsError(faults)


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


def days_left(files: TlsFiles, now: datetime) -> float:
    """Days until the own certificate ends; negative afterwards. A health state and a metric hang on it."""
    from cryptography import x509

    own = x509.load_pem_x509_certificate(files.cert.read_bytes())
    return (own.not_valid_after_utc.astimezone(UTC) - now).total_seconds() / 86_400


def out_of_force(certificate: bytes, now: datetime) -> str:
    """Since when a certificate (PEM) is no longer in force, or from when it will be; empty where it is."""
    from cryptography import x509

    own = x509.load_pem_x509_certificate(certificate)
    if own.not_valid_after_utc <= now:
        return f"expired at {own.not_valid_after_utc.isoformat()}"
    if own.not_valid_before_utc > now:
        return f"is in force from {own.not_valid_before_utc.isoformat()} only"
    return ""


def own_identity(files: TlsFiles) -> Identity:
    """The identity in the own certificate."""
    from agencykit.rpc.peer import peer_of_certificate

    return Identity.parse(peer_of_certificate(files.cert.read_bytes()).uris[0])
