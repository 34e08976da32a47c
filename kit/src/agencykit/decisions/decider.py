"""Who decides: the agency's definition with its log, its key and the real world."""

from collections.abc import Sequence
from dataclasses import dataclass

from agencykit.agency import AgencyDefinition
from agencykit.evidence import Signer
from agencykit.refusals import Unavailable
from agencykit.runtime import Runtime


@dataclass
class Decider:
    """Shared by everything that decides in one replica. The epoch is taken at start; before it nothing is decided."""

    definition: AgencyDefinition
    district: str
    replica: str
    signer: Signer
    runtime: Runtime
    taken_epoch: int | None = None
    # How often an old backup was put back and gone on with (agencykit.decisions.restoring).
    generation: int = 0
    # Certificates (DER) of all keys with which the agency ever signed, newest first; read at start.
    certificates: Sequence[bytes] = ()

    @property
    def agency(self) -> str:
        return self.definition.name

    @property
    def log(self) -> str:
        """`<agency>/<replica>`, and after an old backup `<agency>/<replica>.<generation>`."""
        later = f".{self.generation}" if self.generation else ""
        return f"{self.definition.name}/{self.replica}{later}"

    @property
    def epoch(self) -> int:
        if self.taken_epoch is None:
            raise Unavailable
        return self.taken_epoch
