"""The composition root: settings in, border out."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from agencykit.agency import AgencyDefinition, AgencyParts, build_agency
from agencykit.rpc.service import Service
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from border.domain.catalogue import RULE_SET_VERSION, RULES
from border.domain.expiry import expires
from border.domain.interests import OUTLASTING, interests
from border.domain.records import record_facts
from border.domain.rules.appeal import APPEAL_RULES
from border.domain.rules.remit import subject
from border.rpc.appeal_service import appeal_service
from border.rpc.consignments import read_consignment
from border.rpc.conveyance_service import conveyance_service
from border.rpc.watch_case_service import watch_case_service
from border.storage.facts import FactsReader
from border.storage.reference import read_lists
from border.storage.tables import metadata

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp


class BorderSettings(ServiceSettings):
    """What border can be told beside what every service can."""

    formalities_file: Path | None = Field(None, description="formalities by mode; absent takes the built-in example")
    countries_file: Path | None = Field(None, description="country codes; absent takes ISO 3166-1")
    retention_person_days: int = Field(
        365, ge=30, le=1096, description="crews' and passengers' names are kept so long after the conveyance sailed"
    )
    appeal_days: int = Field(15, ge=1, le=365, description="within how many days a refusal may be appealed against")


def definition(settings: BorderSettings) -> AgencyDefinition:
    """What makes border border: facts and rules."""
    reader = FactsReader(read_lists(settings.formalities_file, settings.countries_file))
    return AgencyDefinition(
        name="border",
        display_name_zh="边防检查站",
        display_name_en="Border inspection",
        rule_set_version=RULE_SET_VERSION,
        rules=RULES,
        further_rules=APPEAL_RULES,
        read=read_consignment,
        load_facts=reader,
        subject=subject,
        record_facts=record_facts,
        interests=interests,
        outlasting=OUTLASTING,
        expires=expires,
        metadata=metadata,
    )


def build(settings: BorderSettings, runtime: Runtime, telemetry: Telemetry) -> "AgencyApp":
    """The app that `agencykit.host.run_service` runs."""

    def own_services(parts: AgencyParts) -> list[Service]:
        return [conveyance_service(parts), watch_case_service(parts), appeal_service(parts, settings.appeal_days)]

    return build_agency(definition(settings), settings, runtime, telemetry, own_services)
