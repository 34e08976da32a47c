"""Goods decided in parts (部分放行): what officers have cleared may go while the rest is still undecided.

A consignment is divided by its containers, and cargo that has none by its goods items: half a box does not leave. Only
an officer's result on a part divides it; until there is one, findings are folded for the whole (agencykit.rules.fold).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agencykit.rules import (
    OFFICER_EFFECTS,
    PASSING,
    Finding,
    OfficerResult,
    Outcome,
    Part,
    Verdict,
    gravest,
    settled_by,
)

# A container number as declared, or an item number.
Unit = str | int


@dataclass(frozen=True, slots=True)
class Piece(Finding):
    """A finding for some of the goods that it is about, since officers have said different things of them."""

    of: Finding | None = None


def folded(container: str) -> str:
    """However a number is written, it is one container: `csqu 305438-3` is CSQU3054383."""
    return "".join([sign for sign in container.upper() if sign.isalnum()])


@dataclass(frozen=True)
class Goods:
    """How one version of a consignment can be divided."""

    # As declared.
    containers: tuple[str, ...]
    # Item number -> containers that hold it, as declared; none: all of them.
    items: Mapping[int, tuple[str, ...]]

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """What it is divided by, each once."""
        return tuple(self._declared.values()) or tuple(self.items)

    @cached_property
    def _declared(self) -> dict[str, str]:
        declared: dict[str, str] = {}
        for number in self.containers:
            declared.setdefault(folded(number), number)
        return declared

    def unit(self, container: str) -> str | None:
        """A container as it is declared; None where it is not of these goods."""
        return self._declared.get(folded(container))

    def of_part(self, part: Part | None) -> frozenset[Unit]:
        """The units of a part; all where there is none."""
        return frozenset(self.units if part is None else self._named(part.containers, part.items))

    def touched(self, finding: Finding) -> frozenset[Unit]:
        """The units that a finding is about: what it names, or the boxes of what it names; all where it names none."""
        return frozenset(self._named(finding.container_numbers, finding.item_numbers) or self.units)

    def _named(self, containers: Iterable[str], items: Iterable[int]) -> list[Unit]:
        if not self._declared:
            return [number for number in items if number in self.items]
        boxes = [unit for number in containers if (unit := self.unit(number)) is not None]
        return list(boxes) or [box for number in items for box in self._boxes(number)]

    def _boxes(self, item: int) -> Sequence[str]:
        boxes = [unit for number in self.items.get(item, ()) if (unit := self.unit(number)) is not None]
        return boxes or tuple(self._declared.values())

    def part(self, units: Iterable[Unit]) -> Part:
        """These units, in the order of the declaration."""
        wanted = set(units)
        ordered = [unit for unit in self.units if unit in wanted]
        return Part(
            tuple([unit for unit in ordered if isinstance(unit, str)]),
            tuple([unit for unit in ordered if isinstance(unit, int)]),
        )


def fold_parts(findings: Iterable[Finding], results: Sequence[OfficerResult], goods: Goods) -> Outcome:
    """As `agencykit.rules.fold`, where officers' results may be about parts; of several on one unit the last counts.

    Where nothing keeps some of the goods from release, the outcome approves these; its findings say what keeps others.
    """
    pieces = tuple([piece for found in findings for piece in _pieces(found, results, goods)])
    keeping = [piece for piece in pieces if not piece.resolved and piece.effect not in PASSING]
    free = frozenset(goods.units).difference(*[goods.touched(piece) for piece in keeping])
    if not free or not keeping:
        return Outcome(gravest(pieces), pieces)
    verdict = gravest([piece for piece in pieces if goods.touched(piece) & free])
    return Outcome(verdict, pieces, goods.part(free))


def narrowed(finding: Finding, part: Part | None, goods: Goods) -> list[Finding]:
    """The finding for what of its goods lies in the part; none where that is nothing."""
    touched = goods.touched(finding)
    units = touched & goods.of_part(part)
    return [finding] if units == touched else [_piece(finding, goods.part(units))] if units else []


def _pieces(finding: Finding, results: Sequence[OfficerResult], goods: Goods) -> Iterable[Finding]:
    """One piece for all units on which the same result counts, each settled by it."""
    owed = finding.effect is Verdict.APPROVED_WITH_OBLIGATIONS
    if not owed and finding.effect not in OFFICER_EFFECTS:
        return [finding]
    own = [each for each in results if finding.rule_id in each.rule_ids and each.follow_up == owed]
    touched = goods.touched(finding)
    counting: dict[int, list[Unit]] = {}
    for unit in (unit for unit in goods.units if unit in touched):
        last = max((place for place, each in enumerate(own) if unit in goods.of_part(each.part)), default=-1)
        counting.setdefault(last, []).append(unit)
    alone = len(counting) == 1
    pieces = [(last, finding if alone else _piece(finding, goods.part(units))) for last, units in counting.items()]
    return [piece if last < 0 else settled_by(piece, own[last]) for last, piece in pieces]


def _piece(finding: Finding, part: Part) -> Piece:
    """The very finding, naming these units alone. Where it is divided by container it keeps the items it names."""
    said = {name: getattr(finding, name) for name in Finding.__slots__}
    said["container_numbers"] = part.containers
    said["item_numbers"] = part.items or finding.item_numbers
    of = finding.of if isinstance(finding, Piece) else finding
    return Piece(**said, of=of)
