"""The composition root: settings in, the port out."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from agencykit.agency import AgencyDefinition, AgencyParts, build_agency
from agencykit.decisions.followers import Followers
from agencykit.identity import Identity
from agencykit.rpc.service import Service
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from port.domain.catalogue import RULE_SET_VERSION, RULES
from port.domain.facts import Tolerances
from port.domain.interests import OUTLASTING, interests
from port.domain.records import record_facts
from port.domain.rules.gate import GATE_RULES
from port.domain.rules.remit import subject
from port.operations.gate import Gate
from port.operations.notices import Notices
from port.operations.releases import Readers
from port.rpc.appointment_service import appointment_service
from port.rpc.consignments import read_consignment
from port.rpc.gate_out_feed_service import gate_out_feed_service
from port.rpc.gate_service import gate_service
from port.rpc.manifest_service import manifest_service
from port.rpc.readers import Prover, read_goods, read_scope
from port.rpc.release_feed_service import release_feed_service
from port.storage.capacity import read_capacity
from port.storage.facts import FactsReader
from port.storage.tables import metadata

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp


class PortSettings(ServiceSettings):
    """What the port can be told beside what every service can."""

    packages_tolerance: int = Field(0, ge=0, description="packages by which declaration and manifest may differ")
    gross_mass_tolerance_percent: float = Field(
        5.0, ge=0, le=100, description="share of the manifest's gross mass by which the declared one may differ"
    )

    capacity_file: Path | None = Field(
        None, description="room at berths, yard, gates and scanners; absent takes the built-in example"
    )
    revocations_limit_seconds: int = Field(
        60, ge=1, le=3600, description="nothing leaves when what is known of orders is older than this"
    )
    loading_rests_on: tuple[str, ...] = Field(
        ("customs", "inspection", "port"),
        description="agencies without whose decisions no export is loaded, whatever the policy requires",
    )
    accept_manual_orders: bool = Field(True, description="whether goods leave that two officers released by hand")
    never_by_hand: tuple[str, ...] = Field(
        ("inspection", "port"), description="agencies in whose place no order by hand lets goods out"
    )


def definition(settings: PortSettings) -> AgencyDefinition:
    """What makes the port the port: facts and rules."""
    tolerances = Tolerances(settings.packages_tolerance, settings.gross_mass_tolerance_percent)
    return AgencyDefinition(
        name="port",
        display_name_zh="港务局",
        display_name_en="Port authority",
        rule_set_version=RULE_SET_VERSION,
        rules=RULES,
        further_rules=GATE_RULES,
        read=read_consignment,
        load_facts=FactsReader(tolerances),
        subject=subject,
        record_facts=record_facts,
        interests=interests,
        outlasting=OUTLASTING,
        metadata=metadata,
    )


def build(settings: PortSettings, runtime: Runtime, telemetry: Telemetry) -> "AgencyApp":
    """The app that `agencykit.host.run_service` runs."""

    gateway = Identity.of_district(settings.district, "gateway")
    resources = read_capacity(settings.capacity_file)

    def own_services(parts: AgencyParts) -> list[Service]:
        prover = Prover(gateway, settings.ca_file.read_bytes(), parts.denied.denies_since)
        readers = Readers(prover, read_goods, read_scope)
        by_hand = (settings.accept_manual_orders, frozenset(settings.never_by_hand))
        gate = Gate(str(gateway), settings.revocations_limit_seconds, readers, settings.loading_rests_on, *by_hand)
        gate_outs = Followers(parts.database)
        parts.streams.append(gate_outs)
        return [
            manifest_service(parts, resources),
            gate_service(parts, gate, gate_outs),
            gate_out_feed_service(gate_outs),
            appointment_service(parts, resources),
            release_feed_service(parts.outcomes, Notices(readers)),
        ]

    return build_agency(definition(settings), settings, runtime, telemetry, own_services)
