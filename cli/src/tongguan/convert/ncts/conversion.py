"""Files of NCTS to movements that `tongguan transit declare` takes.

Nothing is lost, by construction: the declaration that was read is written again, and every value that does not come
out as it went in, element by element, goes to its `supplied_elements`. Access codes alone are never kept there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from xml.etree.ElementTree import Element

from clearance.district.v1.movement_pb2 import SuppliedElement, TransitDeclaration
from clearance.gateway.v1.guarantee_release_service_pb2 import NamedGuarantee
from clearance.gateway.v1.transit_service_pb2 import DeclareMovementRequest
from tongguan.access_codes import write_access_codes
from tongguan.convert.conversion import Limits, Unconverted
from tongguan.convert.ncts.fields import house_item
from tongguan.convert.ncts.profile import NctsProfile
from tongguan.convert.ncts.reading import Reader
from tongguan.convert.ncts.report import MovementReport
from tongguan.convert.ncts.sequence import Kind
from tongguan.convert.ncts.values import Values, values_of
from tongguan.convert.ncts.writing import written
from tongguan.convert.refusals import ConversionRefused, NotADeclaration
from tongguan.convert.tree import local_name, read
from tongguan.facts import MOVEMENT, to_line
from tongguan.form import fault, limit

ACCESS_CODE = "/accessCode"
MESSAGE_TYPE = "messageType"
GUARANTEE = "Guarantee["  # all are kept: a declaration does not hold them, and a destination does not know them


@dataclass(frozen=True, slots=True)
class ConvertedMovement:
    """One message as it is declared."""

    request: DeclareMovementRequest
    """Without request id and access codes."""
    access_codes: tuple[tuple[str, str], ...]
    """(GRN, access code), to be handed over apart from everything else."""
    report: MovementReport


def convert_movements(
    paths: Iterable[Path], profile: NctsProfile, limits: Limits | None = None
) -> Iterator[ConvertedMovement | Unconverted]:
    """Converts the message of every file; one that cannot be converted harms no other."""
    sizes = limits or Limits()
    for path in paths:
        try:
            yield _convert(path.name, read(path, sizes.size, sizes.depth), profile)
        except ConversionRefused as refusal:
            yield Unconverted(path.name, 0, refusal)


def movement_lines(results: Iterable[ConvertedMovement | Unconverted]) -> Iterator[dict[str, Any]]:
    """The lines of a file for `tongguan transit declare`."""
    return (to_line(MOVEMENT, result.request) for result in results if isinstance(result, ConvertedMovement))


def keeping_codes(
    results: Iterable[ConvertedMovement | Unconverted], path: Path
) -> Iterator[ConvertedMovement | Unconverted]:
    """The same results; once all were read, their access codes stand in a file that nobody else may read."""
    codes: dict[str, str] = {}
    for result in results:
        if isinstance(result, ConvertedMovement):
            codes.update(result.access_codes)
        yield result
    write_access_codes(path, codes.items())


def _convert(file: str, root: Element, profile: NctsProfile) -> ConvertedMovement:
    kind = local_name(root)
    if kind not in get_args(Kind):
        raise NotADeclaration(f"it is no message {' or '.join(get_args(Kind))}")
    values = values_of(root)
    open_values = {path: value for path, value in values.items() if not path.endswith(ACCESS_CODE)}
    reader = Reader(open_values | _coded(values), profile)
    reader.read()
    declaration, cover = reader.declaration, reader.cover
    kept = {MESSAGE_TYPE: kind} | _kept(open_values, declaration, cover.grns, reader.placed)
    for fault_path, reason in _unkept(kept):
        reader.faults[fault_path] = reason
    if reader.faults:
        raise NotADeclaration("; ".join(f"{path}: {reason}" for path, reason in reader.faults.items()))
    declaration.supplied_elements.extend(SuppliedElement(path=path, value=value) for path, value in kept.items())
    request = DeclareMovementRequest(
        declaration=declaration, guarantees=[NamedGuarantee(grn=grn) for grn in cover.grns]
    )
    codes = [path for path in values if path.endswith(ACCESS_CODE)]
    report = MovementReport(file, declaration.lrn, len(declaration.items), open_values, kept, codes)
    return ConvertedMovement(request, tuple(cover.access_codes), report)


def _coded(values: Values) -> Values:
    return {path: value for path, value in values.items() if path.endswith(ACCESS_CODE)}


def _kept(
    values: Values, declaration: TransitDeclaration, grns: list[str], placed: Mapping[int, tuple[int, int]]
) -> Values:
    """What writing would not give back by itself; empty where it would give what the message does not have."""
    given = written(declaration, grns, placed)
    kept = {path: value for path, value in values.items() if given.get(path) != value or path.startswith(GUARANTEE)}
    kept |= {path: "" for path in given if path not in values}
    if any(place != (1, index) for index, place in enumerate(placed.values(), 1)):
        kept |= {f"{house_item(*place)}declarationGoodsItemNumber": str(number) for number, place in placed.items()}
    return kept


def _unkept(kept: Values) -> Iterator[tuple[str, str]]:
    """What has no room among the supplied elements either."""
    most = limit(TransitDeclaration.DESCRIPTOR.fields_by_name["supplied_elements"])
    if len(kept) > most:
        yield "the message", f"{len(kept)} values have no field of their own, and a declaration keeps at most {most}"
    form = SuppliedElement.DESCRIPTOR.fields_by_name
    for path, value in kept.items():
        if reason := fault(form["value"], value):
            yield path, f"no field takes it, and beside the fields {reason}"
        if reason := fault(form["path"], path):
            yield path, f"its path cannot be kept: {reason}"
