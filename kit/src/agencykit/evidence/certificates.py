"""Signing certificates: apart from TLS keys, Ed25519, with the signer's identity as their only URI name."""

from collections.abc import Iterable
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.identity import Identity, IdentityError


class CertificateInvalid(Exception):
    """A certificate that proves nothing here. Carries why, never key material."""


def key_id_of(der: bytes) -> bytes:
    """Fingerprint: SHA-256 of the certificate's DER form."""
    return sha256(der).digest()


def der_of(pem: bytes) -> list[bytes]:
    """The certificates of a PEM file's content, in DER form."""
    return [each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(pem)]


def identity_of(certificate: x509.Certificate) -> Identity:
    """The certificate's one identity; CertificateInvalid where there is none, or more than one."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        if len(uris) != 1:
            raise CertificateInvalid("it does not name exactly one identity")
        return Identity.parse(uris[0])
    except x509.ExtensionNotFound:
        raise CertificateInvalid("it names no identity") from None
    except IdentityError:
        raise CertificateInvalid("its name is not an identity") from None


def check_signing_certificate(
    certificate: x509.Certificate, identity: Identity, authorities: Iterable[x509.Certificate]
) -> Ed25519PublicKey:
    """The key of a certificate that one of the authorities issued to this identity for signing."""
    if identity_of(certificate) != identity:
        raise CertificateInvalid("it is another party's")
    if not any(_issued(certificate, authority) for authority in authorities):
        raise CertificateInvalid("no trusted authority issued it")
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise CertificateInvalid("its key is not Ed25519")
    return key


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
