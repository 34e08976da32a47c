"""The profile: what a foreign declaration cannot know and the user supplies. default_profile.toml explains the entries.

A profile never supplies a certificate, licence, commodity code, mass or value: there is no entry for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.party_pb2 import Party
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.customs.v1.register_service_pb2 import Enterprise as EnterpriseFact
from tongguan.convert.entries import Entries, loaded, opened

CASES = ("import", "import_pre_lodged", "export")
FACTS = (
    "broker",
    "enterprise",
    "announcement",
    "crew_list",
    "permit",
    "inspection",
    "entry_formalities",
    "manifest",
    "arrival",
    "place",
)
CLASSES = {
    "A": EnterpriseFact.ENTERPRISE_CLASS_A,
    "B": EnterpriseFact.ENTERPRISE_CLASS_B,
    "C": EnterpriseFact.ENTERPRISE_CLASS_C,
    "D": EnterpriseFact.ENTERPRISE_CLASS_D,
}
DECLARATION_TYPES = {"standard": 1, "pre_lodged": 2, "supplementary": 3}  # Consignment.DeclarationType


@dataclass(frozen=True, slots=True)
class Port:
    """Where goods of one mode are presented."""

    customs_district_code: str = ""
    port_code: str = ""
    terminal_code: str = ""
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class Conveyance:
    """What carried goods of one mode over the border, where the declaration does not name it."""

    identification: str = ""
    nationality_code: str = ""
    name: str = ""
    voyages: Mapping[str, str] = field(default_factory=dict)
    """Case (`import`, `import_pre_lodged`, `export`) → voyage number."""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """The domestic enterprise for whose account a foreign trader's goods are declared."""

    number: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Foreign trader's number → number of its enterprise, before `number`."""
    name: str = ""
    enterprise_class: EnterpriseFact.EnterpriseClass.ValueType = EnterpriseFact.ENTERPRISE_CLASS_B


@dataclass(frozen=True, slots=True)
class Profile:
    """What is supplied. Anything left empty is not supplied."""

    broker_licence: str
    broker_name: str = ""
    trade_mode_code: str = ""
    special_area_code: str = ""
    transport_document_number: str = ""
    """With `{reference}` in it, so that each consignment has its own."""
    enterprise: Enterprise = Enterprise()
    ports: Mapping[int, Port] = field(default_factory=dict)
    """Mode's number, 0 for any other → port."""
    conveyances: Mapping[int, Conveyance] = field(default_factory=dict)
    times: Mapping[str, timedelta] = field(default_factory=dict)
    """Case → from the first minute of the day of conversion to arrival or loading."""
    announced_ahead: timedelta = timedelta(days=8)
    facts: frozenset[str] = frozenset()
    arrived: frozenset[int] = frozenset()
    """Declaration types whose goods are at the port: arrival and place are lodged for these."""
    crew: tuple[Mapping[str, str], ...] = ()


def default_profile() -> Profile:
    """The profile that comes with the command line: a broker of Ningbo, its ship and its flight."""
    return parse_profile(default_profile_text())


def default_profile_text() -> str:
    """The same as a file to copy; it explains every entry."""
    return (resources.files("tongguan.convert") / "default_profile.toml").read_text("utf-8")


def load_profile(path: Path) -> Profile:
    """A profile of the user's; raises ProfileFaulty."""
    return loaded(path, parse_profile)


def parse_profile(text: str) -> Profile:
    """A profile from TOML; raises ProfileFaulty with every fault found."""
    entries = opened(text)
    profile = Profile(
        broker_licence=entries.text("broker_licence", Consignment, required=True),
        broker_name=entries.text("broker_name", Party, "name"),
        trade_mode_code=entries.text("trade_mode_code", Consignment),
        special_area_code=entries.text("special_area_code", Consignment),
        transport_document_number=entries.text("transport_document_number"),
        enterprise=_enterprise(entries.table("enterprise")),
        ports={number: _port(table) for number, table in entries.by_mode("port")},
        conveyances={number: _conveyance(table) for number, table in entries.by_mode("conveyance")},
        times=_times(entries.table("times")),
        announced_ahead=entries.period("announced_ahead") or timedelta(days=8),
        facts=frozenset(entries.choices("facts", FACTS)),
        arrived=frozenset(DECLARATION_TYPES[name] for name in entries.choices("arrived", DECLARATION_TYPES)),
        crew=tuple(entries.crew("crew")),
    )
    return entries.complete(profile)


def _enterprise(table: Entries) -> Enterprise:
    numbers = table.table("numbers")
    enterprise = Enterprise(
        number=table.text("number", Party, "identifier"),
        numbers={name: numbers.text(name, Party, "identifier") for name in numbers.names()},
        name=table.text("name", Party),
        enterprise_class=CLASSES[table.choice("class", CLASSES, "B")],
    )
    table.finish()
    return enterprise


def _port(table: Entries) -> Port:
    port = Port(
        customs_district_code=table.text("customs_district_code", Consignment),
        port_code=table.text("port_code", Consignment),
        terminal_code=table.text("terminal_code", Consignment, "goods_location_code"),
        place_code=table.text("place_code", Consignment, "goods_location_code"),
    )
    table.finish()
    return port


def _conveyance(table: Entries) -> Conveyance:
    voyages = table.table("voyages")
    conveyance = Conveyance(
        identification=table.text("identification", TransportMeans),
        nationality_code=table.text("nationality_code", TransportMeans),
        name=table.text("name", Party),
        voyages={case: voyages.text(case, TransportMeans, "voyage_number") for case in CASES},
    )
    voyages.finish()
    table.finish()
    return conveyance


def _times(table: Entries) -> dict[str, timedelta]:
    periods = {case: table.period(case) for case in CASES}
    table.finish()
    return {case: period for case, period in periods.items() if period is not None}
