"""A simulated officer: reads the work list and the truth file, and nothing else of the sample."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from google.protobuf.json_format import ParseDict, ParseError

from clearance.agency.v1.work_service_pb2 import Find, Work
from tongguan.clearances import Clearances
from tongguan.desk import Desk
from tongguan.failures import Misused

# Rules whose reviews and audits look at documents: they end as an examination does.
DOCUMENT_CHECKS = frozenset({"CUS-182", "CUS-183"})
OF_GOODS = frozenset({Work.KIND_EXAMINATION, Work.KIND_SCAN})
# What is put right and paid for; everything else keeps the goods from release.
CURABLE = frozenset({Find.KIND_QUANTITY, Find.KIND_ORIGIN, Find.KIND_UNDERVALUATION})

Truth = Mapping[str, Sequence[Find]]


ADVICE = "name a file that `tongguan sample --truth` wrote"


def read_truth(path: Path) -> Truth:
    """What is really inside, by the consignment's reference; raises Misused."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{path} cannot be read: {error}", ADVICE) from None
    return dict(_told(path, number, line) for number, line in enumerate(lines, start=1))


def _told(path: Path, number: int, line: str) -> tuple[str, list[Find]]:
    try:
        said = json.loads(line)
        return said["reference"], [ParseDict(find, Find()) for find in said["finds"]]
    except (ValueError, KeyError, TypeError, ParseError) as error:
        raise Misused(f"{path}:{number}: no line of a truth file: {error}", ADVICE) from None


@dataclass(frozen=True, slots=True)
class Desks:
    """Of two officers: whoever has read the papers or the image does not open the goods."""

    reader: Desk
    examiner: Desk


class SimulatedOfficer:
    """Takes open examinations, looks at images, opens the goods, and records what is inside."""

    def __init__(self, desks: Desks, clearances: Clearances, truth: Truth) -> None:
        self._desks, self._clearances, self._truth = desks, clearances, truth
        self._references: dict[str, str] = {}
        self._kinds: dict[str, Work.Kind.ValueType] = {}
        self.examined = self.found = 0

    def open_work(self, limit: int) -> Iterator[Work]:
        """Examinations and checks of documents of consignments that the truth knows; 0 means all."""
        done = 0
        for piece in list(self._desks.reader.list(Work.STATE_OPEN, "", 0)):
            if limit and done == limit:
                return
            if piece.kind not in OF_GOODS and not DOCUMENT_CHECKS.intersection(piece.rule_ids):
                continue
            reference = self._clearances.get(number=piece.clearance_number).reference
            if reference in self._truth:
                self._references[piece.id], self._kinds[piece.id] = reference, piece.kind
                done += 1
                yield piece

    def examine(self, work_id: str) -> Work:
        """Does one piece of the open work. An image shows that something is amiss; what, only the opening."""
        finds, kind = self._truth[self._references[work_id]], self._kinds[work_id]
        desk = self._desks.examiner if kind == Work.KIND_EXAMINATION else self._desks.reader
        desk.take(work_id, str(uuid4()))
        if kind == Work.KIND_SCAN and finds:
            return desk.record(work_id, "suspicious", "图像异常 the image shows what was not declared")
        grave = any(find.kind not in CURABLE for find in finds)
        reason = "查验有异常 not as declared" if finds else "查验无异常 as declared"
        work = desk.record(work_id, "refused" if grave else "cleared", reason, finds=finds)
        self.examined += 1
        self.found += bool(finds)
        return work
