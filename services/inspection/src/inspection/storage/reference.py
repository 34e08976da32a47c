"""Makes the Reference from list files: the examples that come with the package, or files that replace them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from agencykit.list_files import ListFile, ListsInvalid
from inspection.domain.consignment import Direction
from inspection.domain.reference import (
    CertificateKind,
    ClosedOrigin,
    Entry,
    Measure,
    Mode,
    Modes,
    Quarantine,
    Reference,
    WoodPackaging,
)
from inspection.domain.spot_checks import MILLION

EXAMPLES = Path(str(files("inspection"))) / "data"
DIRECTIONS = {
    "import": frozenset({Direction.IMPORT}),
    "export": frozenset({Direction.EXPORT}),
    "both": frozenset({Direction.IMPORT, Direction.EXPORT}),
}
NAMES = ("name_zh", "name_en")
GRADES = CLASSES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class ReferenceFiles:
    """Where each list is read from."""

    catalogue: Path = EXAMPLES / "catalogue.csv"
    certificate_codes: Path = EXAMPLES / "certificates.csv"
    origins: Path = EXAMPLES / "origins.csv"
    modes: Path = EXAMPLES / "modes.toml"
    wood_packaging: Path = EXAMPLES / "wood_packaging.toml"
    countries: Path = EXAMPLES / "countries.txt"


def load_reference(paths: ReferenceFiles) -> Reference:
    """Reads all lists. Raises ListsInvalid with every fault of every file."""
    faults: list[str] = []
    lists = {each.name: ListFile(getattr(paths, each.name), faults) for each in fields(paths)}
    columns = ("prefix", "quarantine", "grade", "direction", "certificate", *NAMES)
    catalogue = lists["catalogue"].rows(columns, _entry)
    codes = lists["certificate_codes"].rows(("code", "kind", *NAMES), _certificate_code)
    origins = lists["origins"].rows(("prefix", "countries", "measure", *NAMES), _closed_origin)
    modes = lists["modes"].table(_modes)
    wood = lists["wood_packaging"].table(_wood)
    countries = frozenset(lists["countries"].words())
    for name, empty in (("catalogue", not catalogue), ("countries", not countries)):
        if empty and lists[name].readable:
            lists[name].fault(0, "holds nothing that can be used")
    if faults or modes is None or wood is None:
        raise ListsInvalid(faults)
    return Reference(
        edition=hashlib.sha256(b"\0".join(each.content for each in lists.values())).hexdigest()[:16],
        catalogue={entry.prefix: entry for entry in catalogue},
        certificate_kinds=dict(codes),
        closed_origins=tuple(origins),
        modes=modes,
        wood=wood,
        countries=countries,
    )


def _prefix(row: Mapping[str, str]) -> str:
    prefix = row["prefix"]
    if not (prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 10):
        raise ValueError(f"prefix {prefix!r} is not 2 to 10 digits")
    return prefix


def _entry(row: Mapping[str, str]) -> Entry:
    grade = int(row["grade"])
    if grade not in GRADES:
        raise ValueError(f"grade {grade} is not 1 to 3")
    certificate = None if row["certificate"] == "none" else CertificateKind(row["certificate"])
    return Entry(_prefix(row), Quarantine(row["quarantine"]), grade, DIRECTIONS[row["direction"]], certificate)


def _certificate_code(row: Mapping[str, str]) -> tuple[str, CertificateKind]:
    return row["code"], CertificateKind(row["kind"])


def _closed_origin(row: Mapping[str, str]) -> ClosedOrigin:
    return ClosedOrigin(_prefix(row), frozenset(row["countries"].split()), Measure(row["measure"]))


def _modes(table: Mapping[str, Any]) -> Modes:
    return Modes(
        exports={
            (grade, each): Mode(table["export"][f"grade_{grade}"][f"class_{each}"])
            for grade in GRADES
            for each in CLASSES
        },
        imports={grade: Mode(table["import"][f"grade_{grade}"]) for grade in GRADES},
        spot_checks_per_million=_per_million(table["exemption"]["spot_checks_per_million"]),
    )


def _per_million(rate: object) -> int:
    if type(rate) is not int or not 0 <= rate <= MILLION:
        raise ValueError(f"spot_checks_per_million {rate!r} is not 0 to {MILLION}")
    return rate


def _wood(table: Mapping[str, Any]) -> WoodPackaging:
    return WoodPackaging(frozenset(table["packages"]), frozenset(table["origins"]))
