"""Verifies exports: each log by itself, then against the heads that gateways countersigned.

(1) sheets, certificates and purges of all files are taken up   (2) the audit: rows, pages, heads
(3) logs of decisions   (4) each log against the countersigned heads
(5) logs that were countersigned and are gone; the sheets

What was purged has left its leaf: it counts where a row of the audit says which purge took it (`purges`).
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from agencykit.audit.ages import Ages
from agencykit.audit.chain import LEAF, row_leaf
from agencykit.audit.countersigned import Countersigned, wanted
from agencykit.audit.exporting import FORM
from agencykit.audit.findings import Findings
from agencykit.audit.purges import AUDIT, Purges, Taken
from agencykit.audit.purges import told as purged_words
from agencykit.evidence.chain import EMPTY_HEAD, next_head
from agencykit.evidence.clearance import Authorities
from agencykit.evidence.merkle import leaf_hash
from agencykit.evidence.verify import EvidenceInvalid
from agencykit.identity import Identity
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision

Line = dict[str, Any]


class NotAnExport(Exception):
    """A file that no export wrote."""


def district_of(file: Path) -> str:
    """Whose an export is; NotAnExport."""
    return str(next(_lines(file))["district"])


def verify_exports(files: Sequence[Path], authorities: Authorities) -> Findings:
    """All files together. A gateway's export has the sheets of its district, and those it keeps for partners."""
    findings = Findings()
    told = Countersigned(authorities, findings)
    for file in files:
        for line in _lines(file):
            if "certificate" in line:
                told.admit(b64decode(line["certificate"]))
    for file in files:
        for line in _lines(file):
            if "sheet" in line:
                told.take(b64decode(line["sheet"]), b64decode(line["signature"]), line["district"])
    purges = Purges()
    for file in files:
        purges.read(_lines(file), told.heads)
    for file in files:
        _check(file, told, purges, findings)
    told.check_missing()
    told.check_sheets()
    return findings


def _lines(file: Path) -> Iterator[Line]:
    """The lines, each with the district and the service of the export."""
    with file.open(encoding="utf-8") as source:
        try:
            begin = json.loads(next(source, "{}"))
            if not isinstance(begin, dict) or begin.get("form") != FORM:
                raise NotAnExport(f"{file} is not an export of an audit")
            ended = False
            for text in source:
                line = json.loads(text)
                ended = bool(line.get("end"))
                yield {**line, "district": begin["district"], "service": begin["service"]}
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError):
            raise NotAnExport(f"{file} cannot be read") from None
    if not ended:
        raise NotAnExport(f"{file} was cut short while it was written or carried")


def _check(file: Path, told: Countersigned, purges: Purges, findings: Findings) -> None:
    checked: _Audit | _Log | None = None
    for line in _lines(file):
        told.exported.add((line["district"], line["service"]))
        if "audit" in line:
            taken = purges.of(line["district"], f"{AUDIT}/{line['audit']}")
            checked = _Audit(line, told, findings, taken)
        elif "log" in line:
            _done(checked)
            checked = _Log(line, told, findings, purges.of(line["district"], line["log"]))
        elif "certificate" in line or "sheet" in line:
            _done(checked)
            checked = None
        elif checked is not None:
            checked.take(line)
    _done(checked)


def _done(checked: "_Audit | _Log | None") -> None:
    if checked is not None:
        checked.done()


class _Chain:
    """A log as it is walked: where it stands, and its heads where somebody countersigned one."""

    def __init__(
        self, district: str, log: str, told: Countersigned, findings: Findings, taken: Mapping[int, Taken]
    ) -> None:
        self.name, self._district, self._log = f"{district} {log}", district, log
        self._told, self._findings = told, findings
        self._wanted = set(wanted(told, district, log))
        self.heads: dict[int, bytes] = {}
        # What purges say they took, and what of it is gone indeed.
        self._taken, self._gone = taken, list[Taken]()
        self.sequence, self.head = 0, EMPTY_HEAD

    def fault(self, sequence: int, flaw: str) -> None:
        self._findings.fault(self.name, sequence, flaw)

    def step(self, leaf: bytes) -> None:
        self.sequence, self.head = self.sequence + 1, next_head(self.head, leaf)
        if self.sequence in self._wanted:
            self.heads[self.sequence] = self.head

    def compare(self, what: str) -> None:
        agreed = self._told.compare(self._district, self._log, self.sequence, self.heads)
        if self.name not in self._findings.faults:
            words = f"{self.sequence} {what}{purged_words(self._gone)}"
            self._findings.sound.append(f"{self.name}: {words}, {agreed} countersigned heads agree")


class _Audit(_Chain):
    """Pages with their rows. Leaves of a page name the row that is not what it was."""

    _leaves: Sequence[bytes] = ()
    _rows: list[bytes]
    _times: list[Any]
    _first = 1
    _head = EMPTY_HEAD
    _unsealed = 0

    def __init__(self, line: Line, told: Countersigned, findings: Findings, taken: Mapping[int, Taken]) -> None:
        super().__init__(line["district"], line["audit"], told, findings, taken)
        self._time = line["columns"].index("time")
        self._ages = Ages(told.heads.get((line["district"], line["audit"]), {}))

    def take(self, line: Line) -> None:
        if "page" in line:
            self._close()
            content = b64decode(line["leaves"])
            self._leaves = [content[place : place + LEAF] for place in range(0, len(content), LEAF)]
            self._rows, self._times = [], []
            self._first, self._head = line["page"], b64decode(line["head"])
            if self._first != self.sequence + 1:
                self.fault(self.sequence + 1, "a page is missing")
        elif "row" in line:
            self._rows.append(row_leaf(line["row"]))
            self._times.append(line["row"][self._time])
        elif "unsealed" in line:
            self._close()
            self._unsealed = line["unsealed"]

    def _close(self) -> None:
        """The page that was read: its rows are those it holds, and make its head."""
        if not self._leaves:
            return
        rows, leaves, first = self._rows, self._leaves, self._first
        at = 0
        for place, leaf in enumerate(leaves):
            if at < len(rows) and rows[at] == leaf:
                self._ages.passed(self._times[at])
                at += 1
            elif (taken := self._taken.get(first + place)) is not None and leaf not in rows:
                if self._ages.younger(first + place, taken.until):
                    self.fault(first + place, "its row was written after what the purge says that it took")
                    break
                self._gone.append(taken)
            else:
                gone = leaf not in rows and (at >= len(rows) or rows[at] in leaves)
                self.fault(first + place, "its row was deleted" if gone else "its row is not the one that was written")
                break
        else:
            if at < len(rows):
                self.fault(first + len(leaves), "a row was put in before it")
        for leaf in leaves:
            self.step(leaf)
        if self.head != self._head:
            self.fault(first, f"the page from it to {self.sequence} has another head than its rows make")
        self._leaves = ()

    def done(self) -> None:
        self._close()
        left = f" and {self._unsealed} not yet in the chain" if self._unsealed else ""
        self.compare(f"rows{left}")


class _Log(_Chain):
    """A log of decisions: gapless, chained, sealed by the agency whose it is."""

    def __init__(self, line: Line, told: Countersigned, findings: Findings, taken: Mapping[int, Taken]) -> None:
        super().__init__(line["district"], line["log"], told, findings, taken)
        self._ends, self._last = line["sequence"], b64decode(line["head"])
        self._verifier = told.of(Identity.of_district(line["district"], line["log"].partition("/")[0]))

    def take(self, line: Line) -> None:
        content = line.get("decision") or line.get("purged")
        if content is None:
            return
        sequence = self.sequence + 1
        if line["sequence"] != sequence:
            self.fault(sequence, "its decision was deleted")
            self.sequence = line["sequence"] - 1
        try:
            signed = SignedDecision.FromString(b64decode(content))
            seal = BatchSeal.FromString(signed.seal)
            leaf = signed.decision if "purged" in line else leaf_hash(signed.decision)
            if "purged" in line:
                self._check_purged(signed, seal, line["sequence"])
            else:
                self._verifier.verify(signed)
        except DecodeError:
            self.fault(line["sequence"], "it cannot be read")
            return
        except EvidenceInvalid as invalid:
            self.fault(line["sequence"], invalid.flaw)
        self.step(leaf)
        if seal.log != self._log or seal.first_sequence + signed.proof.index != self.sequence:
            self.fault(self.sequence, "it stands elsewhere than its seal says")
        elif self.sequence == seal.first_sequence + seal.count - 1 and self.head != seal.head:
            self.fault(self.sequence, "the head is not the one that was signed")

    def _check_purged(self, signed: SignedDecision, seal: BatchSeal, sequence: int) -> None:
        """The leaf that is left: it stands in what was sealed, and a purge says that it took what was old enough."""
        self._verifier.verify_leaf(signed.decision, signed)
        taken = self._taken.get(sequence)
        if taken is None:
            raise EvidenceInvalid("its decision was taken out, and no purge says so")
        if seal.seal_time.ToMicroseconds() >= taken.until:
            raise EvidenceInvalid("its decision was sealed after what the purge says that it took")
        self._gone.append(taken)

    def done(self) -> None:
        if self.sequence < self._ends:
            self.fault(self.sequence + 1, f"the log ends before it, and says itself that it ends at {self._ends}")
        elif self.head != self._last:
            self.fault(self.sequence, "the log says itself that it ends with another head")
        self.compare("decisions")
