"""Makes the Reference from list files: the examples that come with the package, or files that replace them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from iso4217 import Currency

from agencykit.list_files import ListFile, ListsInvalid
from customs.domain.consignment import Direction
from customs.domain.queue import ORDERS
from customs.domain.reference import Charges, Examining, LicenceControl, Prohibition, Reference, TariffLine
from customs.domain.valuation import BILLIONTHS_OF_YUAN, MILLION
from customs.storage.schemes import read_schemes
from customs.storage.toml_values import whole

EXAMPLES = Path(str(files("customs"))) / "data"
DIRECTIONS = {
    "import": frozenset({Direction.IMPORT}),
    "export": frozenset({Direction.EXPORT}),
    "both": frozenset({Direction.IMPORT, Direction.EXPORT}),
}
NAMES = ("name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class ReferenceFiles:
    """Where each list is read from."""

    schedule: Path = EXAMPLES / "schedule.csv"
    licence_list: Path = EXAMPLES / "licences.csv"
    prohibited: Path = EXAMPLES / "prohibited.csv"
    trade_modes: Path = EXAMPLES / "trade_modes.csv"
    countries: Path = EXAMPLES / "countries.txt"
    charges: Path = EXAMPLES / "charges.toml"
    examination: Path = EXAMPLES / "examination.toml"
    schemes: Path = EXAMPLES / "schemes.toml"


def load_reference(paths: ReferenceFiles) -> Reference:
    """Reads all lists. Raises ListsInvalid with every fault of every file."""
    faults: list[str] = []
    lists = {each.name: ListFile(getattr(paths, each.name), faults) for each in fields(paths)}
    bands = ("duty_percent", "general_percent", "vat_percent", "low_cny_per_kg", "high_cny_per_kg")
    schedule = lists["schedule"].rows(("prefix", *bands, *NAMES), _tariff_line)
    controls = lists["licence_list"].rows(("prefix", "direction", "document_codes", *NAMES), _control)
    prohibitions = lists["prohibited"].rows(("prefix", "direction", *NAMES), _prohibition)
    modes = lists["trade_modes"].rows(("code", "taxed", *NAMES), _trade_mode)
    countries = frozenset(lists["countries"].words())
    charges = lists["charges"].table(_charges)
    examining = lists["examination"].table(_examining)
    schemes = lists["schemes"].table(read_schemes)
    for name, empty in (("schedule", not schedule), ("trade_modes", not modes), ("countries", not countries)):
        if empty and lists[name].readable:
            lists[name].fault(0, "holds nothing that can be used")
    if faults or charges is None or examining is None or schemes is None:
        raise ListsInvalid(faults)
    return Reference(
        edition=hashlib.sha256(b"\0".join(each.content for each in lists.values())).hexdigest()[:16],
        schedule={line.prefix: line for line in schedule},
        controls=tuple(controls),
        prohibitions=tuple(prohibitions),
        charges=charges,
        examining=examining,
        countries=countries,
        currency_digits=CURRENCY_DIGITS,
        taxed_by_trade_mode=dict(modes),
        schemes=schemes,
    )


CURRENCY_DIGITS = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


def _prefix(row: Mapping[str, str]) -> str:
    prefix = row["prefix"]
    if not (prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 10):
        raise ValueError(f"prefix {prefix!r} is not 2 to 10 digits")
    return prefix


def _share(figure: str, of: int) -> int:
    """A decimal figure as whole parts; more digits than there are parts are a fault."""
    parts = Decimal(figure) * of
    if parts != int(parts) or parts < 0:
        raise ValueError(f"{figure!r} has too many digits or is negative")
    return int(parts)


def _tariff_line(row: Mapping[str, str]) -> TariffLine:
    low, high = float(row["low_cny_per_kg"]), float(row["high_cny_per_kg"])
    if not 0 <= low < high:
        raise ValueError(f"band {low:g} to {high:g} is empty")
    duty, general, vat = (
        _share(row[column], MILLION // 100) for column in ("duty_percent", "general_percent", "vat_percent")
    )
    return TariffLine(_prefix(row), duty, general, vat, low, high)


def _control(row: Mapping[str, str]) -> LicenceControl:
    codes = tuple(row["document_codes"].split())
    if not codes:
        raise ValueError("no document code")
    return LicenceControl(_prefix(row), DIRECTIONS[row["direction"]], codes)


def _prohibition(row: Mapping[str, str]) -> Prohibition:
    return Prohibition(_prefix(row), DIRECTIONS[row["direction"]])


def _trade_mode(row: Mapping[str, str]) -> tuple[str, bool]:
    return row["code"], {"yes": True, "no": False}[row["taxed"]]


# Where a list of charges says nothing of it, and the longest term that a decision can state.
GUARANTEE_DAYS, MOST_DAYS = 90, 3660


def _charges(table: Mapping[str, Any]) -> Charges:
    rates = {code: _share(figure, BILLIONTHS_OF_YUAN) for code, figure in table["yuan_for_one"].items()}
    if unknown := sorted(set(rates) - set(CURRENCY_DIGITS)):
        raise ValueError(f"no such currency: {', '.join(unknown)}")
    late = table["late_declaration"]
    return Charges(
        billionths_of_yuan=rates,
        limit_yuan=int(table["valuation"]["limit_yuan"]),
        free_days=int(late["free_days"]),
        late_rate=_share(late["rate_per_day"], MILLION),
        late_minimum_yuan=int(late["minimum_yuan"]),
        unclaimed_months=int(late["unclaimed_months"]),
        hours_before_loading=int(table["export"]["hours_before_loading"]),
        payment_days=whole(table["payment"]["days"], 0, MOST_DAYS),
        release_before_payment={True: True, False: False}[table["payment"].get("release_before_payment", True)],
        guarantee_days=whole(table.get("guarantee", {}).get("days", GUARANTEE_DAYS), 1, MOST_DAYS),
    )


# Names of kinds of work (numbers of clearance.agency.v1.Work.Kind).
KINDS = {"EXAMINATION": 1, "REVIEW": 2, "LABORATORY": 3, "FOLLOW_UP": 4, "SCAN": 5}


def _examining(table: Mapping[str, Any]) -> Examining:
    scanner = table["scanner"]
    order = tuple(scanner["order"])
    if unknown := sorted(set(order) - set(ORDERS)):
        raise ValueError(f"no such order: {', '.join(unknown)}; there are {', '.join(ORDERS)}")
    if scanner["images_per_hour"] < 1:
        raise ValueError("images_per_hour must be at least 1")
    return Examining(
        image_first={True: True, False: False}[scanner["first"]],
        images_per_hour=int(scanner["images_per_hour"]),
        order=order,
        perishable_prefixes=tuple(str(prefix) for prefix in scanner["perishable_prefixes"]),
        kept_apart=frozenset((KINDS[one], KINDS[other]) for one, other in table["officers"]["kept_apart"]),
    )
