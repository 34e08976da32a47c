"""Making and exchanging certificates in the folder that holds the authority. Each file appears whole or not at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from agencykit.evidence.certificates import CertificateInvalid, identity_of
from agencykit.identity import Identity
from agencykit.pki import DISTRICT, Issued, create_authority, equip, file_name, issue_signing, issue_tls, load


class Impossible(Exception):
    """It cannot be done as asked; the text says why."""


def init(folder: Path, district: str) -> Issued:
    """Makes the district's authority. One that exists is never made anew: nobody would be believed any more."""
    if (folder / "ca.pem").exists() or (folder / "ca.key").exists():
        raise Impossible(f"{folder} holds an authority already")
    made = create_authority(district)
    made.write(folder / "ca.pem", folder / "ca.key")
    return made


def issue(
    folder: Path, district: str, paths: Sequence[str], days: int, *, signing: bool, dns_names: Sequence[str] = ()
) -> list[Path]:
    """Makes certificates for parties that have none; returns the files. `signing` makes a signing pair for any role."""
    _authority(folder)
    identities = _parties(district, paths)
    for identity in identities:
        if identity.path == DISTRICT:
            raise Impossible("the district signs bundles and has no certificate for calls (tongguan partner bundle)")
        if (folder / f"{file_name(identity)}.pem").exists():
            raise Impossible(f"{identity} has a certificate: rotate it, or revoke it first")
    roles = [identity.role for identity in identities] if signing else []
    equip(folder, district, paths, signing_roles=roles, dns_names=dns_names, lifetime=timedelta(days=days))
    made = [folder / f"{file_name(identity)}{kind}.pem" for identity in identities for kind in ("", "-signing")]
    return [file for file in made if file.exists()]


def rotate(folder: Path, district: str, paths: Sequence[str], days: int, now: datetime) -> list[x509.Certificate]:
    """Gives each party a new certificate and key for TLS in the place of the old; returns the old, still in force.

    The key goes first. Who reads between the two sees that they do not belong together, and goes on with what it has.
    """
    authority, lifetime = _authority(folder), timedelta(days=days)
    identities = _parties(district, paths)
    former = [_former(folder, identity) for identity in identities]
    for identity, old in zip(identities, former, strict=True):
        cert, key = (folder / f"{file_name(identity)}.{kind}" for kind in ("pem", "key"))
        issue_tls(authority, [identity], dns_names=_further(old, identity), now=now, lifetime=lifetime).write(cert, key)
    return former


def rotate_signing(
    folder: Path, district: str, paths: Sequence[str], days: int, now: datetime
) -> list[x509.Certificate]:
    """Gives each party a new key for signing and its certificate in the place of the old; returns the old.

    What the old one signed holds: the certificate must be in force when it signed, and whoever signs keeps those of its
    former keys in its database. A service signs with the new one from its next start.
    """
    authority, lifetime = _authority(folder), timedelta(days=days)
    identities = _parties(district, paths)
    for identity in identities:
        if identity.path == DISTRICT:
            raise Impossible("partners know the district's key by its bundle (tongguan partner bundle issue)")
    former = [_former(folder, identity, "-signing") for identity in identities]
    for identity in identities:
        cert, key = (folder / f"{file_name(identity)}-signing.{kind}" for kind in ("pem", "key"))
        issue_signing(authority, identity, now=now, lifetime=lifetime).write(cert, key)
    return former


def _parties(district: str, paths: Sequence[str]) -> list[Identity]:
    """Those named, none of whose files are somebody else's: certificates of all kinds stand in one folder."""
    identities = [Identity.of_district(district, path) for path in paths]
    names = [file_name(identity) for identity in identities]
    for identity, name in zip(identities, names, strict=True):
        if name == "ca" or name.endswith("-signing"):
            raise Impossible(f"{name}.pem is no party's certificate for calls: name the party, as in `customs`")
        if names.count(name) > 1:
            raise Impossible(f"{identity} is named twice, or shares {name}.pem with another: do one at a time")
    return identities


def _former(folder: Path, identity: Identity, kind: str = "") -> x509.Certificate:
    """A party's certificate, which must be its own: `broker/a-b` and `broker-a/b` have files of the same name."""
    file = folder / f"{file_name(identity)}{kind}.pem"
    if not file.exists():
        raise Impossible(f"{identity} has no such certificate in {folder}: issue one")
    found = x509.load_pem_x509_certificate(file.read_bytes())
    try:
        owner = identity_of(found)
    except CertificateInvalid as invalid:
        raise Impossible(f"{file} is no party's certificate: {invalid}") from None
    if owner != identity:
        raise Impossible(f"{file} is the certificate of {owner}: give one of the two another name")
    return found


def _authority(folder: Path) -> Issued:
    try:
        return load(folder / "ca.pem", folder / "ca.key")
    except OSError as error:
        raise Impossible(
            f"{error.filename}: {error.strerror}; the authority's key is needed (init makes one)"
        ) from None


def _further(certificate: x509.Certificate, identity: Identity) -> list[str]:
    """DNS names beside those that each certificate has."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usual = (identity.host_name, "localhost")
    return [name for name in names.get_values_for_type(x509.DNSName) if name not in usual]
