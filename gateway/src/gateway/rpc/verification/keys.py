"""The keys by which a district's gateway signs what partners read, and has signed what they have not read yet."""

from dataclasses import dataclass

from agencykit.evidence import Signer
from agencykit.storage import Database
from clearance.common.v1.evidence_pb2 import SigningCertificate
from gateway.storage.heads import certificates_of

# As many as a call of the contract holds; a gateway gets a handful in a year.
MOST = 16


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Of this process, of those before it and of the other replicas: whatever the database keeps of `identity`."""

    signer: Signer
    identity: str
    database: Database

    async def certificates(self) -> list[SigningCertificate]:
        """By which partners verify it, this process's own first."""
        kept = await self.database.read(certificates_of, self.identity, MOST)
        found = {self.signer.key_id: self.signer.certificate, **kept}
        return [SigningCertificate(certificate=each, key_id=key) for key, each in list(found.items())[:MOST]]
