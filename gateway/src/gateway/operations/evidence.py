"""All that proves who decided what on one clearance, as it is stored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound
from agencykit.storage import Database
from gateway.domain.head import LogHead
from gateway.operations.witness import Countersigner
from gateway.storage.cases import load_cases
from gateway.storage.decisions import load_decisions
from gateway.storage.heads import StoredSheet, certificates, known_heads, sheets_over
from gateway.storage.orders import Order, load_orders

# Reads from a SignedDecision where its log ended with its batch.
HeadOf = Callable[[bytes], LogHead]


@dataclass(frozen=True, slots=True)
class Proofs:
    """`decisions` are SignedDecisions as they came, the newest last."""

    decisions: Sequence[bytes]
    orders: Sequence[Order]
    sheets: Sequence[StoredSheet]
    certificates: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Prover:
    """Gathers them. What no sheet holds yet, as after a crash, is countersigned first: by now, at the latest."""

    database: Database
    countersigner: Countersigner
    head_of: HeadOf

    async def gather(self, number: str, broker: str) -> Proofs:
        """Of one case; NotFound where there is none, or where it is not `broker`'s (empty: any)."""
        decisions = await self.database.read(_decisions, number, broker)
        heads = list(dict.fromkeys([self.head_of(signed) for signed in decisions]))
        missing = await self.database.read(_missing, heads)
        for head in missing:
            self.countersigner.witness.saw(head)
        await self.countersigner.countersign()
        return await self.database.read(_proofs, number, decisions, heads)


def _decisions(connection: Connection, number: str, broker: str) -> list[bytes]:
    case = load_cases(connection, [number]).get(number)
    if case is None or (broker and case.broker != broker):
        raise NotFound("clearance", number)
    found = load_decisions(connection, [number])[number]
    return [each.signed for each in sorted(found, key=lambda each: (each.agency, each.version, each.revision))]


def _missing(connection: Connection, heads: Iterable[LogHead]) -> list[LogHead]:
    known = known_heads(connection, [head.place for head in heads])
    return [head for head in heads if (*head.place, head.head) not in known]


def _proofs(connection: Connection, number: str, decisions: Sequence[bytes], heads: Sequence[LogHead]) -> Proofs:
    sheets = sheets_over(connection, [head.place for head in heads])
    orders = load_orders(connection, [number]).get(number, [])
    return Proofs(decisions, orders, sheets, list(certificates(connection).values()))
