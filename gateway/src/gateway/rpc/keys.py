"""The keys by which a district's gateway signs, and has signed what others have not read yet."""

from agencykit.evidence import Signer
from agencykit.storage import Database
from clearance.common.v1.evidence_pb2 import SigningCertificate
from gateway.domain.identifiers import Micros
from gateway.storage.heads import Key, certificates_of, keep_keys

# As many as a call of the contract holds; a gateway gets a handful in a year.
MOST = 16


class OwnKeys:
    """Of this process, of those before it and of the other replicas: whatever the database keeps of `identity`.

    `known` are their certificates (DER) as they were last read, this process's own first.
    """

    def __init__(self, signer: Signer, identity: str, database: Database) -> None:
        self.signer, self.identity, self._database = signer, identity, database
        self.known: tuple[bytes, ...] = (signer.certificate,)

    async def keep(self, now: Micros) -> None:
        """Before anything is signed: whoever sends it later must know by which key it was."""
        own = Key(self.signer.key_id, self.signer.certificate, self.identity)
        await self._database.write(keep_keys, [own], now)
        await self.certificates()

    async def certificates(self) -> list[SigningCertificate]:
        """By which others verify what was signed, read anew."""
        kept = await self._database.read(certificates_of, self.identity, MOST)
        found = list({self.signer.key_id: self.signer.certificate, **kept}.items())[:MOST]
        self.known = tuple([each for _, each in found])
        return [SigningCertificate(certificate=each, key_id=key) for key, each in found]
