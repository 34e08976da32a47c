"""The development authority of a district: `python -m agencykit.pki --out DIR --district ningbo --identity customs …`.

For development and tests only; a district in earnest has an authority of its own that issues the same form: one URI
name (the identity), ECDSA P-256 for TLS, Ed25519 for signing, both apart. Whatever exists is kept, so a second run
changes nothing.
"""

import argparse
import ipaddress
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agencykit.identity import Identity, IdentityError

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

# Roles whose decisions or orders are signed.
SIGNING_ROLES = ("customs", "inspection", "border", "port", "gateway")
# The district itself signs its trust bundles; it calls nobody and serves nothing, so it has no TLS certificate.
DISTRICT = "district"
LEAF_DAYS = 365
AUTHORITY_DAYS = 3650
# Clocks of two machines differ; a certificate made this moment must be in force on both.
BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key in PEM (PKCS 8), unencrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def write(self, certificate_file: Path, key_file: Path) -> None:
        """Writes both, the key first and readable by its owner only; each file appears whole or not at all."""
        _write(key_file, self.key_pem, 0o600)
        _write(certificate_file, self.certificate_pem, 0o644)


def create_authority(district: str, now: datetime | None = None) -> Issued:
    """A self-signed authority for a district; it may issue leaf certificates and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{district} development authority")
    begin = (now or datetime.now(UTC)) - BACKDATED
    builder = (
        _builder(name, name, key, begin, begin + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return Issued(builder.sign(key, hashes.SHA256()), key)


def issue_tls(
    authority: Issued,
    identities: Sequence[Identity | str],
    *,
    dns_names: Sequence[str] = (),
    now: datetime | None = None,
    lifetime: timedelta = timedelta(days=LEAF_DAYS),
) -> Issued:
    """A TLS certificate for server and client. One identity is lawful; tests make others with none or two.

    It carries the identity as URI name, by which servers know a caller, and as DNS name, by which clients hold a server
    to it (`Identity.host_name`), beside localhost and 127.0.0.1 for tools that know neither.

    A negative `lifetime` makes one that has expired.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(str(identity)) for identity in identities]
    own = [identity.host_name for identity in identities if isinstance(identity, Identity)]
    names += [x509.DNSName(name) for name in (*own, "localhost", *dns_names)]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return _issue(authority, key, names, _usage(digital_signature=True), usages, now, lifetime)


def issue_signing(
    authority: Issued,
    identity: Identity,
    *,
    now: datetime | None = None,
    lifetime: timedelta = timedelta(days=LEAF_DAYS),
) -> Issued:
    """A certificate for signing decisions or orders; its key never does TLS."""
    key = ed25519.Ed25519PrivateKey.generate()
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(str(identity))]
    usage = _usage(digital_signature=True, content_commitment=True)
    return _issue(authority, key, names, usage, [], now, lifetime)


def self_signed(identity: Identity, now: datetime | None = None) -> Issued:
    """A TLS certificate that nobody vouches for. For tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    begin = (now or datetime.now(UTC)) - BACKDATED
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(str(identity))])
    builder = _builder(_name(identity.role), _name(identity.role), key, begin, begin + timedelta(days=1))
    return Issued(builder.add_extension(names, critical=False).sign(key, hashes.SHA256()), key)


def load(certificate_file: Path, key_file: Path) -> Issued:
    """Reads what `Issued.write` wrote."""
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError(f"{key_file} holds a key of another kind")
    return Issued(x509.load_pem_x509_certificate(certificate_file.read_bytes()), key)


def _issue(
    authority: Issued,
    key: PrivateKey,
    names: Sequence[x509.GeneralName],
    usage: x509.KeyUsage,
    purposes: Sequence[x509.ObjectIdentifier],
    now: datetime | None,
    lifetime: timedelta,
) -> Issued:
    moment = now or datetime.now(UTC)
    begin = moment - BACKDATED if lifetime > timedelta() else moment + lifetime - timedelta(days=1)
    builder = (
        _builder(_name(_common_name(names)), authority.certificate.subject, key, begin, moment + lifetime)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Issued(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _common_name(names: Sequence[x509.GeneralName]) -> str:
    """For people's eyes; nothing reads it. At most 64 characters by X.509."""
    uris = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return (uris[0].rpartition("//")[2] if uris else "nobody")[:64]


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _write(file: Path, content: bytes, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as output:
        output.write(content)
    part.replace(file)


def file_name(identity: Identity) -> str:
    """`customs`, `broker-3104980001`: how an identity's files are called."""
    return identity.path.replace("/", "-")


def equip(
    folder: Path,
    district: str,
    paths: Sequence[str],
    *,
    signing_roles: Sequence[str] = (),
    dns_names: Sequence[str] = (),
    lifetime: timedelta = timedelta(days=LEAF_DAYS),
) -> None:
    """Makes what is missing: `ca.pem`/`ca.key`, `<name>.pem`/`.key`, and `<role>-signing.pem`/`.key` for who signs."""
    if not (folder / "ca.pem").exists():
        create_authority(district).write(folder / "ca.pem", folder / "ca.key")
    authority = load(folder / "ca.pem", folder / "ca.key")
    for path in paths:
        identity = Identity.of_district(district, path)
        name = file_name(identity)
        if path != DISTRICT and not (folder / f"{name}.pem").exists():
            issued = issue_tls(authority, [identity], dns_names=dns_names, lifetime=lifetime)
            issued.write(folder / f"{name}.pem", folder / f"{name}.key")
        signs = identity.role in (*SIGNING_ROLES, DISTRICT, *signing_roles)
        if signs and not (folder / f"{name}-signing.pem").exists():
            issued = issue_signing(authority, identity, lifetime=lifetime)
            issued.write(folder / f"{name}-signing.pem", folder / f"{name}-signing.key")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 0, or 2 for bad usage."""
    parser = argparse.ArgumentParser("python -m agencykit.pki", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--district", default="ningbo", help="trust domain is <district>.clearance")
    parser.add_argument("--identity", action="append", default=[], help="role or role/name; may be repeated")
    parser.add_argument("--signing", action="append", default=[], help="further role that signs; may be repeated")
    parser.add_argument("--dns", action="append", default=[], help="further DNS name of every certificate")
    given = parser.parse_args(arguments)
    try:
        equip(given.out, given.district, given.identity, signing_roles=given.signing, dns_names=given.dns)
    except IdentityError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
