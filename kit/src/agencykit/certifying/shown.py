"""What certificates there are, and how long they last."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from agencykit.certifying.denied import read_denied
from agencykit.evidence.certificates import CertificateInvalid, identity_of


@dataclass(frozen=True)
class Shown:
    """One certificate. `state` is what a caller who holds it meets: in force, ends soon, expired, revoked."""

    file: str
    identity: str
    kind: str
    serial: str
    valid_from: str
    valid_until: str
    days_left: float
    state: str

    @property
    def row(self) -> dict[str, str | float]:
        """As a JSON line has it."""
        return asdict(self)


def shown(folder: Path, denied_file: Path, now: datetime, soon_days: float) -> Iterator[Shown]:
    """Every certificate of the folder, the authority first, then those that end first."""
    denied = read_denied(denied_file) if denied_file.exists() else (frozenset[str](), frozenset[str]())
    found = []
    for file in sorted(folder.glob("*.pem")):
        for certificate in x509.load_pem_x509_certificates(file.read_bytes()):
            found.append(_shown(file, certificate, denied, now, soon_days))
    yield from sorted(found, key=lambda each: (each.kind != "authority", each.valid_until, each.file))


def _shown(
    file: Path,
    certificate: x509.Certificate,
    denied: tuple[frozenset[str], frozenset[str]],
    now: datetime,
    soon_days: float,
) -> Shown:
    kind = "authority" if file.name == "ca.pem" else "signing" if file.stem.endswith("-signing") else "tls"
    identity, serial = _name(certificate), f"{certificate.serial_number:x}"
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    left = round((end - now).total_seconds() / 86_400, 2)
    state = "in force" if left >= soon_days else "ends soon"
    if begin > now:
        state = "not yet in force"
    if left <= 0:
        state = "expired"
    if identity in denied[0] or serial in denied[1]:
        state = "revoked"
    return Shown(file.name, identity, kind, serial, f"{begin:%Y-%m-%dT%H:%MZ}", f"{end:%Y-%m-%dT%H:%MZ}", left, state)


def _name(certificate: x509.Certificate) -> str:
    try:
        return str(identity_of(certificate))
    except CertificateInvalid:
        return certificate.subject.rfc4514_string()
