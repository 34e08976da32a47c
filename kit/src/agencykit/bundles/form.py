"""A bundle's form: who signed it, what it names, and when it may take another's place. Pure work of the processor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError

from agencykit.evidence.certificates import CertificateInvalid, check_signing_certificate, key_id_of
from agencykit.identity import Identity, IdentityError
from agencykit.pki import DISTRICT
from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle, TrustBundle

PREFIX = b"tongguan-trust-bundle-v1\n"
# From then on people are told, daily.
WARNING = timedelta(days=30)
_MOST_BYTES = 65_536


class BundleInvalid(Exception):
    """A bundle that is not believed. `flaw` says why; it may be shown to anybody."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True)
class Bundle:
    """A bundle whose parts belong together, signed by one of the keys that it names.

    `authorities`, `keys` and `signer`, the one that signed, are certificates (DER); `signed` is the SignedTrustBundle
    it came as, serialised.
    """

    district: str
    code: str
    version: int
    issue_time: datetime
    expire_time: datetime
    authorities: tuple[bytes, ...]
    keys: tuple[bytes, ...]
    signer: bytes
    signed: bytes

    @property
    def trust_domain(self) -> str:
        """The one for which its authorities vouch."""
        return Identity.of_district(self.district, DISTRICT).trust_domain

    @property
    def authorities_pem(self) -> bytes:
        """As TLS takes them."""
        return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in self.authorities)

    @property
    def json(self) -> str:
        """As it is handed on in a file."""
        return MessageToJson(SignedTrustBundle.FromString(self.signed))


def read(signed: bytes) -> Bundle:
    """Reads a serialised SignedTrustBundle; raises BundleInvalid."""
    if len(signed) > 2 * _MOST_BYTES:
        raise BundleInvalid("it is too large")
    try:
        return of_message(SignedTrustBundle.FromString(signed))
    except DecodeError:
        raise BundleInvalid("it is not a trust bundle") from None


def read_file(file: Path) -> Bundle:
    """The bundle in a file; BundleInvalid where there is none."""
    try:
        return of_message(Parse(file.read_text("utf-8"), SignedTrustBundle()))
    except OSError as error:
        raise BundleInvalid(f"the file cannot be read: {error.strerror}") from None
    except (ParseError, UnicodeDecodeError):
        raise BundleInvalid("it is not a trust bundle") from None


def follow(held: Bundle, new: Bundle, now: datetime) -> None:
    """Raises BundleInvalid where the new one may not take the place of the one held."""
    if (new.district, new.code) != (held.district, held.code):
        raise BundleInvalid(f"it is of {new.district} ({new.code}), not of {held.district} ({held.code})")
    if new.signer not in held.keys:
        raise BundleInvalid("it is signed by a key that the bundle held does not name")
    if new.version <= held.version:
        raise BundleInvalid(f"its version {new.version} is not above {held.version}, which is held")
    if new.expire_time <= now:
        raise BundleInvalid("it has expired")


def of_message(message: SignedTrustBundle) -> Bundle:
    """The bundle of a message; BundleInvalid where its parts do not belong together."""
    try:
        bundle = TrustBundle.FromString(message.bundle)
        issue_time, expire_time = (stamp.ToDatetime(UTC) for stamp in (bundle.issue_time, bundle.expire_time))
        identity = Identity.of_district(bundle.district, DISTRICT)
    except (DecodeError, ValueError, IdentityError):
        raise BundleInvalid("it is not a trust bundle") from None
    _check_form(bundle)
    _check_certificates(bundle, identity)
    return Bundle(
        bundle.district,
        bundle.customs_district_code,
        bundle.version,
        issue_time,
        expire_time,
        tuple(bundle.authorities),
        tuple(bundle.signing_certificates),
        _signer(message, bundle.signing_certificates),
        message.SerializeToString(),
    )


def _check_form(bundle: TrustBundle) -> None:
    code = bundle.customs_district_code
    if not (code.isascii() and code.isdigit() and len(code) == 4) or bundle.version < 1:
        raise BundleInvalid("it names no customs district or no version")
    if bundle.expire_time.ToNanoseconds() <= bundle.issue_time.ToNanoseconds():
        raise BundleInvalid("it ends before it begins")
    if not 1 <= len(bundle.authorities) <= 8 or not 1 <= len(bundle.signing_certificates) <= 8:
        raise BundleInvalid("it names no authorities or no keys, or too many")


def _check_certificates(bundle: TrustBundle, identity: Identity) -> None:
    """Authorities are such, and every key is the district's own by one of them."""
    try:
        authorities = [x509.load_der_x509_certificate(each) for each in bundle.authorities]
        keys = [x509.load_der_x509_certificate(each) for each in bundle.signing_certificates]
        lawful = all(each.extensions.get_extension_for_class(x509.BasicConstraints).value.ca for each in authorities)
    except (ValueError, x509.ExtensionNotFound):
        raise BundleInvalid("it holds what is not a certificate, or not of an authority") from None
    if not lawful:
        raise BundleInvalid("one of its authorities may not issue certificates")
    for key in keys:
        try:
            check_signing_certificate(key, identity, authorities)
        except CertificateInvalid as error:
            raise BundleInvalid(f"one of its keys is not the district's: {error}") from None


def _signer(message: SignedTrustBundle, keys: Iterable[bytes]) -> bytes:
    """Which of the bundle's own keys signed it."""
    der = next((der for der in keys if key_id_of(der) == message.key_id), None)
    if der is None:
        raise BundleInvalid("it is signed by a key that it does not name")
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise BundleInvalid("the key that signs it is not Ed25519")
    try:
        key.verify(message.signature, PREFIX + message.bundle)
    except InvalidSignature:
        raise BundleInvalid("its signature does not hold") from None
    return der
