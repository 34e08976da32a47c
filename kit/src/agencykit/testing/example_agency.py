"""The smallest agency there can be: the harbour's weighbridge office (衡器所), with three rules and one kind of fact.

It answers for sea cargo only, waits for the weighbridge's note on a transport document, has the goods examined where
the note and the declaration disagree, and holds or seizes what lies in two places of ill repute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Float, MetaData, Table, Text

from agencykit.agency import AgencyDefinition, AgencyParts, FactKey, build_agency
from agencykit.lodging import lodge
from agencykit.rpc.call import Call
from agencykit.rules import Awaited, Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.storage import insert_rows, select_in
from agencykit.telemetry import Telemetry
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp

WEIGHT_NOTE = "weight_note"
HOLD_YARD, SEIZURE_YARD = "HOLD-YARD", "SEIZURE-YARD"
TOLERANCE = 0.05

metadata = MetaData()
weight_notes = Table(
    "weight_notes",
    metadata,
    Column("transport_document_number", Text, primary_key=True),
    Column("mass_kg", Float(53), nullable=False),
)


@dataclass(slots=True)
class View:
    """What the weighbridge's rules read of a consignment."""

    by_sea: bool
    transport_document_number: str
    gross_mass_kg: float
    container_numbers: tuple[str, ...]
    goods_location_code: str


@dataclass(slots=True)
class Facts:
    """What the weighbridge's database knows of one: the noted mass in kilograms, if there is a note."""

    noted_mass_kg: float | None


def read(consignment: Consignment) -> View:
    """The view of a consignment."""
    return View(
        by_sea=consignment.border_transport.mode == TransportMeans.MODE_SEA,
        transport_document_number=consignment.transport_document_number,
        gross_mass_kg=consignment.total_gross_mass_kg,
        container_numbers=tuple(container.number for container in consignment.containers),
        goods_location_code=consignment.goods_location_code,
    )


def load_facts(connection: Connection, views: Sequence[View], now: datetime) -> list[Facts]:
    """One query for the batch."""
    notes = weight_notes.c
    keys = {view.transport_document_number for view in views}
    found = select_in(connection, weight_notes, notes.transport_document_number, keys)
    masses = {row.transport_document_number: row.mass_kg for row in found}
    return [Facts(masses.get(view.transport_document_number)) for view in views]


def record_facts(facts: Facts) -> Mapping[str, Any]:
    """The facts as JSON values."""
    return {"noted_mass_kg": facts.noted_mass_kg}


@rule(
    id="SCA-001",
    version=1,
    zh="过磅单未到:{document}",
    en="no weight note for {document}",
    enough_zh="货物过磅",
    enough_en="the goods pass the weighbridge",
    source="example",
)
def weight_noted(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Sea cargo needs a weight note."""
    if facts.noted_mass_kg is None:
        document = view.transport_document_number
        awaited = (Awaited("carrier", WEIGHT_NOTE, document),)
        yield self.finding(Verdict.PENDING, parameters={"document": document}, awaited=awaited)


@rule(
    id="SCA-002",
    version=1,
    zh="申报重量 {declared} 公斤,过磅 {noted} 公斤",
    en="declared {declared} kg, weighed {noted} kg",
    enough_zh="误差不超过 5%",
    enough_en="a difference of at most 5 %",
    source="example",
)
def weights_agree(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """The note and the declaration agree within the tolerance."""
    noted, declared = facts.noted_mass_kg, view.gross_mass_kg
    if noted is not None and abs(noted - declared) > TOLERANCE * declared:
        parameters = {"declared": f"{declared:g}", "noted": f"{noted:g}"}
        yield self.finding(Verdict.EXAMINE, parameters=parameters, container_numbers=view.container_numbers)


@rule(
    id="SCA-003",
    version=1,
    zh="货物存放于 {place}",
    en="the goods lie at {place}",
    enough_zh="移至其他堆场",
    enough_en="move them to another yard",
    source="example",
)
def place_of_good_repute(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    """Goods in one yard are held, in another seized."""
    place = {"place": view.goods_location_code}
    if view.goods_location_code == HOLD_YARD:
        yield self.finding(Verdict.HOLD, parameters=place)
    if view.goods_location_code == SEIZURE_YARD:
        yield self.finding(Verdict.REFUSED, parameters=place, required_action=RequiredAction.SEIZE)


def subject(view: View, facts: Facts) -> Finding | None:
    """Only sea cargo passes the weighbridge."""
    return None if view.by_sea else weight_noted.finding(Verdict.NOT_SUBJECT, parameters={"document": ""})


DEFINITION = AgencyDefinition(
    name="weighbridge",
    display_name_zh="衡器所",
    display_name_en="Weighbridge office",
    rule_set_version="2004.1",
    rules=(weight_noted, weights_agree, place_of_good_repute),
    read=read,
    load_facts=load_facts,
    subject=subject,
    record_facts=record_facts,
    metadata=metadata,
    migrations="agencykit.testing.example_migrations",
)


def build(settings: ServiceSettings, runtime: Runtime, telemetry: Telemetry) -> "AgencyApp":
    """The weighbridge as an app."""
    return build_agency(DEFINITION, settings, runtime, telemetry)


async def note_weights(parts: AgencyParts, call: Call, request_id: str, masses: Mapping[str, float]) -> bool:
    """Lodges weight notes, mass in kilograms by transport document; False for a replay."""
    content = repr(sorted(masses.items())).encode()
    return await lodge(parts, call, request_id, content, _store_notes, masses)


def _store_notes(connection: Connection, masses: Mapping[str, float]) -> list[FactKey]:
    insert_rows(connection, weight_notes, sorted(masses.items()), on_conflict="replace")
    return [(WEIGHT_NOTE, document) for document in masses]
