"""Who is at the other end: what the certificate says, before anything is believed of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from agencykit.identity import Identity, IdentityError
from agencykit.refusals import IdentityMissing


@dataclass(frozen=True, slots=True)
class Peer:
    """A caller's certificate: its URI names, its serial number in hexadecimal, and how long it is in force.

    An in-process caller has a URI name and nothing else.
    """

    uris: tuple[str, ...]
    serial: str = ""
    not_after: datetime | None = None


@lru_cache(maxsize=1024)
def peer_of_certificate(pem: bytes) -> Peer:
    """Reads a certificate that the handshake has verified; one that cannot be read has no URI names."""
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return Peer(())
    return Peer(uris, f"{certificate.serial_number:x}", certificate.not_valid_after_utc)


@lru_cache(maxsize=1024)
def _parsed(uri: str) -> Identity | None:
    try:
        return Identity.parse(uri)
    except IdentityError:
        return None


def identity_of(peer: Peer, trust_domain: str, now: datetime) -> Identity:
    """The one identity of a peer; raises IdentityMissing.

    It comes from the URI name alone: a common name or DNS name proves nothing here. Two URI names are refused, for one
    certificate must not act for two agencies. The authority that all certificates are checked against is this
    district's, so it vouches for names in the own trust domain only. The end of validity is looked at in every call,
    because a connection outlives the certificate it was opened with.
    """
    if len(peer.uris) != 1 or (peer.not_after is not None and peer.not_after <= now):
        raise IdentityMissing
    identity = _parsed(peer.uris[0])
    if identity is None or identity.trust_domain != trust_domain:
        raise IdentityMissing
    return identity
