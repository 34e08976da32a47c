"""Issuing a bundle: the district's own key signs what partners shall know of it from now on."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.bundles.form import PREFIX, Bundle, BundleInvalid, of_message, read_file
from agencykit.evidence.seal import Signer, load_signer
from agencykit.pki import DISTRICT
from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle, TrustBundle

DAYS = 180


def issue(
    signer: Signer,
    *,
    district: str,
    code: str,
    version: int,
    authorities_pem: bytes,
    keys: Iterable[bytes],
    now: datetime,
    lifetime: timedelta = timedelta(days=DAYS),
) -> Bundle:
    """The bundle, signed. `keys` are the signing certificates (DER) that it names, the signer's among them."""
    bundle = TrustBundle(
        district=district,
        customs_district_code=code,
        version=version,
        authorities=[each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(authorities_pem)],
        signing_certificates=keys,
    )
    bundle.issue_time.FromDatetime(now)
    bundle.expire_time.FromDatetime(now + lifetime)
    content = bundle.SerializeToString()
    signature = signer.key.sign(PREFIX + content)
    return of_message(SignedTrustBundle(bundle=content, signature=signature, key_id=signer.key_id))


def issue_next(folder: Path, file: Path, district: str, code: str, now: datetime, days: int = DAYS) -> Bundle:
    """Writes the district's next bundle to `file`, where the one before lies, and returns it.

    It names the authorities in the folder's `ca.pem` and every key in its `district-signing*.pem`, and is signed by one
    that the bundle before names too: partners take no other.
    """
    held = read_file(file) if file.exists() else None
    signers = _signers(folder)
    usable = [each for each in signers if held is None or each.certificate in held.keys]
    if not usable:
        raise BundleInvalid(f"no {DISTRICT}-signing*.pem in {folder} is one that partners know")
    made = issue(
        usable[0],
        district=district,
        code=code,
        version=held.version + 1 if held else 1,
        authorities_pem=(folder / "ca.pem").read_bytes(),
        keys=[each.certificate for each in signers],
        now=now,
        lifetime=timedelta(days=days),
    )
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(made.json, "utf-8")
    beside.replace(file)
    return made


def is_current(folder: Path, file: Path, district: str, code: str, until: datetime) -> bool:
    """Whether the bundle in the file says what the next one would say, and lasts until then."""
    if not file.exists():
        return False
    held = read_file(file)
    authorities = x509.load_pem_x509_certificates((folder / "ca.pem").read_bytes())
    keys = tuple(each.certificate for each in _signers(folder))
    named = (district, code, tuple(each.public_bytes(Encoding.DER) for each in authorities), keys)
    return held.expire_time > until and named == (held.district, held.code, held.authorities, held.keys)


def _signers(folder: Path) -> list[Signer]:
    return [load_signer(file, file.with_suffix(".key")) for file in sorted(folder.glob(f"{DISTRICT}-signing*.pem"))]
