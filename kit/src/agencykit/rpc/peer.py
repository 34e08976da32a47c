"""Who is at the other end: what the certificate says, before anything is believed of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from agencykit.identity import Identity, IdentityError
from agencykit.refusals import IdentityMissing


@dataclass(frozen=True, slots=True)
class Peer:
    """A caller's certificate: its URI names, its serial number in hexadecimal, and how long it is in force.

    `voucher` is the trust domain whose authority issued it (`rpc.trust`); empty where that is not known. An in-process
    caller has a URI name and a voucher, and nothing else.
    """

    uris: tuple[str, ...]
    serial: str = ""
    not_after: datetime | None = None
    voucher: str = ""


@lru_cache(maxsize=1024)
def peer_of_certificate(pem: bytes) -> Peer:
    """Reads a certificate that the handshake has verified; one that cannot be read has no URI names.

    That an authority vouches for its names is not looked at here.
    """
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


def identity_of(peer: Peer, trusted: Collection[str], now: datetime) -> Identity:
    """The one identity of a peer; raises IdentityMissing.

    It comes from the URI name alone: a common name or DNS name proves nothing here. Two URI names are refused, for one
    certificate must not act for two agencies. It must be of a `trusted` trust domain, the own one or a partner's, whose
    own authority vouches for it: a partner's authority that makes a name of this district is not believed. The end of
    validity is looked at in every call, because a connection outlives the certificate it was opened with.
    """
    if len(peer.uris) != 1 or (peer.not_after is not None and peer.not_after <= now):
        raise IdentityMissing
    identity = _parsed(peer.uris[0])
    if identity is None or identity.trust_domain not in trusted or identity.trust_domain != peer.voucher:
        raise IdentityMissing
    return identity
