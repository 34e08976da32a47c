"""The profile: which of our offices, parties and guarantees a message's own are. default_profile.toml explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from pathlib import Path

from clearance.common.v1.money_pb2 import Money
from clearance.common.v1.party_pb2 import Party
from clearance.district.v1.movement_pb2 import TransitDeclaration
from clearance.gateway.v1.guarantee_release_service_pb2 import NamedGuarantee
from tongguan.convert.entries import Entries, loaded, opened
from tongguan.convert.ncts.fields import TRANSIT_MODES
from tongguan.convert.writer import decimal

MODE_CODES = {
    name.removeprefix("MODE_CODE_").lower(): number for name, number in TransitDeclaration.ModeCode.items() if number
}
_OWN_OFFICE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class NctsProfile:
    """What stands for what. Left empty, a message's own stands."""

    mode: "TransitDeclaration.Mode.ValueType" = TransitDeclaration.MODE_DIRECT
    mode_code: "TransitDeclaration.ModeCode.ValueType" = TransitDeclaration.MODE_CODE_DIRECT
    offices: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    holder: str = ""
    """Number of the holder, where the message does not state it."""
    grns: Mapping[str, str] = field(default_factory=dict)
    grn: str = ""
    """Used where the message names no guarantee by its number."""
    amount: Decimal = Decimal(0)
    """Of `currency`; used where the message does not say what is to be covered."""
    currency: str = ""
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def office(self, code: str) -> str:
        """Our office; codes of four digits are ours already. Empty where none is known."""
        own = code if len(code) == _OWN_OFFICE_DIGITS and code.isascii() and code.isdigit() else ""
        return self.offices.get(code, own)

    def exchanged(self, currency: str) -> str:
        """The currency in which an amount of that one is counted; empty where no rate is known."""
        if not self.currency or currency == self.currency:
            return currency
        return self.currency if currency in self.rates else ""

    def rate(self, currency: str) -> Decimal:
        """By what an amount is multiplied."""
        return self.rates[currency] if self.exchanged(currency) != currency else Decimal(1)


def default_ncts_profile() -> NctsProfile:
    """The profile that comes with the command line, for the examples of NCTS."""
    return parse_ncts_profile(default_ncts_profile_text())


def default_ncts_profile_text() -> str:
    """The same as a file to copy; it explains every entry."""
    return (resources.files("tongguan.convert.ncts") / "default_profile.toml").read_text("utf-8")


def load_ncts_profile(path: Path) -> NctsProfile:
    """A profile of the user's; raises ProfileFaulty."""
    return loaded(path, parse_ncts_profile)


def parse_ncts_profile(text: str) -> NctsProfile:
    """A profile from TOML; raises ProfileFaulty with every fault found."""
    entries = opened(text)
    offices, parties, grns = entries.table("offices"), entries.table("parties"), entries.table("grns")
    profile = NctsProfile(
        mode=TRANSIT_MODES[entries.choice("mode", TRANSIT_MODES, "direct")],
        mode_code=MODE_CODES[entries.choice("mode_code", MODE_CODES, "direct")],
        offices={code: offices.text(code, TransitDeclaration, "departure_office_code") for code in offices.names()},
        parties={number: parties.text(number, Party, "identifier") for number in parties.names()},
        holder=entries.text("holder", Party, "identifier"),
        grns={number: grns.text(number, NamedGuarantee, "grn") for number in grns.names()},
        grn=entries.text("grn", NamedGuarantee),
        currency=entries.text("currency", Money, "currency_code"),
        amount=_positive(entries, "amount") if "amount" in entries.names() else Decimal(0),
        rates=_rates(entries.table("rates")),
    )
    return entries.complete(profile)


def _rates(table: Entries) -> dict[str, Decimal]:
    return {currency: _positive(table, currency) for currency in table.names()}


def _positive(table: Entries, name: str) -> Decimal:
    """A number in quotes, so that it stays exact."""
    number = decimal(table.text(name))
    if number is None or number <= 0:
        table.faults.append(f'{table.where}{name} is not a number such as "9.05", in quotes')
        return Decimal(1)
    return number
