"""Files to submissions and facts, one declaration after the other."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from google.protobuf.message import Message

from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest
from tongguan.convert.ledger import Ledger
from tongguan.convert.lodged import facts_of
from tongguan.convert.profile import Profile
from tongguan.convert.refusals import ConversionRefused
from tongguan.convert.report import Report
from tongguan.convert.supply import Supply
from tongguan.convert.tree import DEPTH_LIMIT, SIZE_LIMIT, read
from tongguan.convert.wco.declaration import declarations, map_declaration
from tongguan.facts import SUBMISSION, dump_line, to_line


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file and how deep its elements may be."""

    size: int = SIZE_LIMIT
    depth: int = DEPTH_LIMIT


@dataclass(frozen=True, slots=True)
class Converted:
    """One declaration as it is submitted."""

    submission: SubmitClearanceRequest
    facts: tuple[tuple[str, Message], ...]
    """(kind, fact), to be lodged before the submission."""
    report: Report


@dataclass(frozen=True, slots=True)
class Unconverted:
    """A file, or one declaration of it, that cannot be submitted."""

    file: str
    position: int
    """Position of the declaration in the file, from 1; 0 where it is the file itself."""
    refusal: ConversionRefused = field(compare=False)


def convert_files(
    paths: Iterable[Path], profile: Profile, as_of: datetime, limits: Limits | None = None
) -> Iterator[Converted | Unconverted]:
    """Converts every declaration of every file; what cannot be converted harms no other.

    `as_of` is an aware time to which the profile's times relate. The same files, profile and day give the same
    submissions, request ids included, so that converting and submitting twice is one submission.
    """
    for path in paths:
        try:
            root = read(path, *_sizes(limits or Limits()))
            found = declarations(root)
        except ConversionRefused as refusal:
            yield Unconverted(path.name, 0, refusal)
            continue
        for position, element in enumerate(found, 1):
            others = frozenset(other for other in found if other is not element)
            try:
                yield _convert(path.name, position, Ledger(root, element, others), element, profile, as_of)
            except ConversionRefused as refusal:
                yield Unconverted(path.name, position, refusal)


def lines(results: Iterable[Converted | Unconverted]) -> Iterator[dict[str, Any]]:
    """The lines of a file for `tongguan submit`: each fact once, before the first submission that needs it."""
    stated: set[bytes] = set()
    for result in results:
        if isinstance(result, Converted):
            for kind, fact in result.facts:
                line = to_line(kind, fact)
                digest = hashlib.sha256(dump_line(line).encode()).digest()
                if digest not in stated:
                    stated.add(digest)
                    yield line
            yield to_line(SUBMISSION, result.submission)


def _convert(
    file: str, position: int, ledger: Ledger, element: Element, profile: Profile, as_of: datetime
) -> Converted:
    report = Report(file, position)
    consignment = map_declaration(ledger.node(element), report)
    Supply(profile, consignment, ledger, report, as_of).complete()
    report.carried, report.not_carried = ledger.carried(), ledger.not_carried()
    facts = tuple(facts_of(profile, consignment, report, as_of))
    content = hashlib.sha256(consignment.SerializeToString(deterministic=True)).hexdigest()
    request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"tongguan:submission:{content}"))
    return Converted(SubmitClearanceRequest(request_id=request_id, consignment=consignment), facts, report)


def _sizes(limits: Limits) -> tuple[int, int]:
    return limits.size, limits.depth
