"""What the gateway proves to others, put together: what it saw, the sheets that say so, and what is shown of it."""

from collections.abc import Callable
from functools import partial

from agencykit.audit.sealer import Sealer
from agencykit.evidence import Signer
from agencykit.evidence.certificates import der_of
from agencykit.identity import Identity
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.evidence import Prover
from gateway.operations.log import Log
from gateway.operations.settings import GatewaySettings
from gateway.operations.witness import Countersigner, Witness
from gateway.rpc.proofs import Exhibits, SignedSheets, head_of
from gateway.storage.heads import Key


class Witnessing:
    """`countersigner` and `exhibits` are there once `join` was called."""

    def __init__(self, settings: GatewaySettings, signer: Signer, log: Log, sealer: Sealer) -> None:
        self._settings, self._log, self._sealer = settings, log, sealer
        gateway = Identity.of_district(settings.district, "gateway")
        self._sheets = SignedSheets(signer, gateway)
        self.witness = Witness(log)
        self.witness.trusted(Key(signer.key_id, signer.certificate, str(gateway)))

    def join(self, database: Database, context: Callable[[], Context], duties: Duties) -> None:
        """Begins with the gateway's other operations."""
        settings, rest = self._settings, self._settings.countersign_interval_ms / 1000
        self.countersigner = Countersigner(
            self.witness, self._sheets, database, context, duties, rest, self._log, self._sealer
        )
        prover = Prover(database, self.countersigner, partial(head_of, settings.district))
        self.exhibits = Exhibits(prover, settings.district, der_of(settings.ca_file.read_bytes()))
