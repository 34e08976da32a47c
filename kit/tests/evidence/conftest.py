"""A district's authority, its weighbridge, and a log of two sealed batches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.evidence import Signer, Verifier, load_signer, seal_batch
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision

WEIGHBRIDGE = Identity.of_district("ningbo", "weighbridge")


@dataclass
class Office:
    """An agency with its authority."""

    authority: Issued
    signer: Signer

    def verifier(self) -> Verifier:
        verifier = Verifier(WEIGHBRIDGE, [self.authority.certificate])
        verifier.admit(self.signer.certificate)
        return verifier


def signer_for(authority: Issued, identity: Identity, folder: Path, **fields: object) -> Signer:
    issued = issue_signing(authority, identity, **fields)  # type: ignore[arg-type]
    issued.write(folder / "signing.pem", folder / "signing.key")
    return load_signer(folder / "signing.pem", folder / "signing.key")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    authority = create_authority("ningbo")
    return Office(authority, signer_for(authority, WEIGHBRIDGE, tmp_path_factory.mktemp("office")))


def decision(place: int, /, **changes: object) -> bytes:
    fields: dict[str, object] = {
        "agency": "weighbridge",
        "district": "ningbo",
        "clearance_number": f"NGB2004{place:08d}",
        "version": 1,
        "revision": 1,
        "verdict": Decision.VERDICT_APPROVED,
        "log": "weighbridge/1",
        "sequence": place,
    }
    return Decision(**(fields | changes)).SerializeToString()  # type: ignore[arg-type]


Seal = Callable[..., list[SignedDecision]]


@pytest.fixture
def seal(office: Office) -> Seal:
    """Seals decisions; by default of the weighbridge, at the beginning of its log, now."""

    def sealed(decisions: list[bytes], signer: Signer | None = None, **changes: object) -> list[SignedDecision]:
        fields: dict[str, object] = {
            "agency": "weighbridge",
            "district": "ningbo",
            "log": "weighbridge/1",
            "first_sequence": 1,
            "previous_head": EMPTY_HEAD,
            "seal_time": datetime.now(UTC),
        }
        batch = seal_batch(signer or office.signer, decisions=decisions, **(fields | changes))  # type: ignore[arg-type]
        return [SignedDecision.FromString(signed) for signed in batch.signed(decisions)]

    return sealed


def der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)
