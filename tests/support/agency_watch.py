"""What must hold of each agency after every step: log and seals, the ledger's sums, what leaves by the gate.

Read from the databases alone; clearance_watch has the gateway's side and says which promise is which.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from chronicle import Chronicle
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from mortal_district import AGENCIES, GATEWAY_ROLE

from agencykit.evidence.merkle import leaf_hash, root_from_path
from agencykit.evidence.seal import SEAL_PREFIX
from clearance.agency.v1.agency_service_pb2 import WithdrawConsignmentRequest
from clearance.common.v1.evidence_pb2 import BatchSeal, InclusionProof


class Unsafe(AssertionError):
    """Something happened that must never happen. Its text begins with the promise that was broken."""


def require(holds: bool, finding: str) -> None:
    """Unsafe where it does not hold."""
    if not holds:
        raise Unsafe(finding)


class Watched(Protocol):
    """A district that can be looked at: `folder` holds certificates, `stations` has a party's database by its role."""

    folder: Path
    stations: Any
    chronicle: Chronicle
    runtime: Any


@dataclass
class AgencyWatch:
    """Looks at agencies, and knows how to look at a gateway."""

    district: Watched
    files: dict[str, sqlite3.Connection] = field(default_factory=dict)
    # Where each table was read to, and how a database was when it was last looked at.
    read: Counter[str] = field(default_factory=Counter)
    marks: dict[str, int] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    # (agency, number) → the version whose withdrawal the agency has agreed to.
    withdrawn: dict[tuple[str, str], int] = field(default_factory=dict)
    seals: set[tuple[str, str, int]] = field(default_factory=set)

    def open(self) -> None:
        """From now on it looks."""
        for role in (*AGENCIES, GATEWAY_ROLE):
            file = self.district.stations[role].database
            self.files[role] = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
            certificate = (self.district.folder / f"{role}-signing.pem").read_bytes()
            self.keys[role] = x509.load_pem_x509_certificate(certificate).public_key()

    def close(self) -> None:
        """It looks no more."""
        for file in self.files.values():
            file.close()

    def answered(self, agency: str, method: str, request: bytes) -> None:
        """An agency has agreed to what it was asked, and the gateway may hear of it."""
        if method == "WithdrawConsignment":
            asked = WithdrawConsignmentRequest.FromString(request)
            self.withdrawn[agency, asked.clearance_number] = asked.version
            self.district.chronicle.seen["withdrawal agreed"] += 1

    def _rows(self, role: str, text: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.files[role].execute(text, values).fetchall()

    def _new(self, role: str, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Rows added to a table since it was last read."""
        key = f"{role} {table}"
        rows = self._rows(role, f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid", self.read[key])
        if rows:
            self.read[key] = rows[-1][0]
        return [row[1:] for row in rows]

    def _look_at_log(self, agency: str) -> None:
        columns = "log, sequence, clearance_number, version, revision, decision, proof, first_sequence"
        for log, sequence, number, version, revision, content, proof, first in self._new(agency, "decisions", columns):
            key = f"{agency} {log}"
            require(sequence == self.read[key] + 1, f"G2: {log} goes from {self.read[key]} to {sequence}")
            self.read[key] = sequence
            gone = self.withdrawn.get((agency, number), 0)
            require(
                not gone or version > gone, f"G2: {agency} decided on {number} v{version} after agreeing to its end"
            )
            key = f"{agency} {number} {version}"
            require(revision > self.read[key], f"G2: {agency} said revision {revision} of {number} again")
            self.read[key] = revision
            self._is_signed(agency, log, first, content, proof)

    def _is_signed(self, agency: str, log: str, first: int, content: bytes, proof: bytes) -> None:
        text = "SELECT seal, signature FROM seals WHERE log = ? AND first_sequence = ?"
        found = self._rows(agency, text, log, first)
        require(len(found) == 1, f"G12: {log} has no seal at {first}")
        seal, signature = found[0]
        if (agency, log, first) not in self.seals:
            try:
                self.keys[agency].verify(signature, SEAL_PREFIX + seal)
            except InvalidSignature:
                raise Unsafe(f"G12: the seal of {log} at {first} is not {agency}'s") from None
            self.seals.add((agency, log, first))
        shown = InclusionProof.FromString(proof)
        root = root_from_path(leaf_hash(content), shown.index, shown.count, list(shown.siblings))
        require(root == BatchSeal.FromString(seal).root, f"G12: a decision of {log} is not under its seal")

    def _look_at_ledger(self) -> None:
        text = "SELECT grn, limit_units, available, held, confirmed, shortfall FROM guarantees"
        open_parts: Counter[tuple[str, int]] = Counter()
        uses = (
            "SELECT p.grn, u.state, p.outstanding FROM guarantee_parts p JOIN guarantee_uses u USING "
            "(district, clearance_number, generation)"
        )
        for grn, state, units in self._rows("customs", uses):
            open_parts[grn, state] += units
        text_of_expired = "SELECT clearance_number FROM guarantee_uses WHERE state = 6 AND expire_time > ?"
        true_now = int(self.district.runtime.clock.now().timestamp() * 1e6)
        early = self._rows("customs", text_of_expired, true_now)
        require(not early, f"G24: what was held for {early} has expired before its time")
        for grn, limit, available, held, confirmed, short in self._rows("customs", text):
            require(min(available, held, confirmed) >= 0, f"G5: {grn} is overdrawn")
            require(available + held + confirmed == limit + short, f"G5: {grn} does not sum")
            require(open_parts[grn, 1] == held, f"G5: {grn} holds {held}, its uses {open_parts[grn, 1]}")
            parts = open_parts[grn, 2]
            require(parts == confirmed, f"G5: {grn} has confirmed {confirmed}, its uses {parts}")

    def _look_at_gate(self) -> None:
        for number, order_number in self._new("port", "gate_outs", "clearance_number, order_number"):
            text = "SELECT kind FROM outcomes WHERE clearance_number = ? ORDER BY order_number DESC LIMIT 1"
            [(kind,)] = self._rows("port", text, number) or [(0,)]
            newest = "SELECT max(order_number) FROM outcomes WHERE clearance_number = ? AND kind IN (1, 2)"
            require(kind == 1, f"G8: {number} left the port, whose newest word on it is {kind}")
            told = self._rows("port", newest, number)
            require(told == [(order_number,)], f"G8: {number} left on order {order_number}, the newest is {told}")
            text = "SELECT kind FROM orders WHERE number = ? AND order_number = ?"
            issued = self._rows(GATEWAY_ROLE, text, number, order_number)
            require(issued == [(1,)], f"G1: {number} left unreleased")
            self.district.chronicle.seen["left"] += 1
