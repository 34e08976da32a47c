"""The composition root: settings in, inspection out."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from agencykit.agency import AgencyDefinition, AgencyParts, build_agency
from agencykit.decisions.lookups import EXAMINATION, LABORATORY
from agencykit.list_files import ListsInvalid
from agencykit.rpc.service import Service
from agencykit.rules import RequiredAction
from agencykit.runtime import Randomness, Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry import Telemetry
from inspection.domain.catalogue import RULE_SET_VERSION, RULES
from inspection.domain.interests import OUTLASTING, interests
from inspection.domain.records import record_facts
from inspection.domain.rules.remit import subject
from inspection.rpc.certificate_service import certificate_service
from inspection.rpc.consignments import read_consignment
from inspection.rpc.transfer_services import transfer_services
from inspection.storage.facts import FactsReader
from inspection.storage.ledger import Ledger
from inspection.storage.recalls import Recalls
from inspection.storage.reference import ReferenceFiles, load_reference
from inspection.storage.spot_checks import SpotChecks
from inspection.storage.tables import metadata
from inspection.storage.write_offs import WriteOffs

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp

EXAMPLES = ReferenceFiles()


class InspectionSettings(ServiceSettings):
    """What inspection can be told beside what every service can. The built-in lists are examples, not law."""

    catalogue_file: Path = Field(EXAMPLES.catalogue, description="goods under inspection and quarantine (CSV)")
    certificate_code_file: Path = Field(EXAMPLES.certificate_codes, description="document codes of certificates (CSV)")
    origin_file: Path = Field(EXAMPLES.origins, description="origins closed to goods (CSV)")
    mode_file: Path = Field(EXAMPLES.modes, description="supervision by risk grade and producer's class (TOML)")
    wood_packaging_file: Path = Field(EXAMPLES.wood_packaging, description="wood packages and their origins (TOML)")
    transfer_tries: int = Field(5, ge=1, le=99, description="wrong passwords after which a transfer is locked")
    country_file: Path = Field(EXAMPLES.countries, description="country codes (words)")


def definition(settings: InspectionSettings, randomness: Randomness) -> AgencyDefinition:
    """What makes inspection inspection: facts and rules; `randomness` keys its draws.

    Raises SettingsError with every fault of the lists.
    """
    lists = ReferenceFiles(
        catalogue=settings.catalogue_file,
        certificate_codes=settings.certificate_code_file,
        origins=settings.origin_file,
        modes=settings.mode_file,
        wood_packaging=settings.wood_packaging_file,
        countries=settings.country_file,
    )
    try:
        reference = load_reference(lists)
    except ListsInvalid as invalid:
        raise SettingsError(invalid.faults) from None
    return AgencyDefinition(
        name="inspection",
        display_name_zh="出入境检验检疫局",
        display_name_en="Entry-exit inspection and quarantine",
        rule_set_version=RULE_SET_VERSION,
        rules=RULES,
        read=read_consignment,
        load_facts=FactsReader(reference),
        subject=subject,
        record_facts=record_facts,
        interests=interests,
        outlasting=OUTLASTING,
        ledger=Ledger((WriteOffs(), SpotChecks(randomness), Recalls())),
        followed_up=frozenset({RequiredAction.SAMPLE, RequiredAction.TREAT}),
        kept_apart=frozenset({(EXAMINATION, LABORATORY)}),
        refusals_stand=True,
        metadata=metadata,
    )


def build(settings: InspectionSettings, runtime: Runtime, telemetry: Telemetry) -> "AgencyApp":
    """The app that `agencykit.host.run_service` runs."""

    def own_services(parts: AgencyParts) -> list[Service]:
        return [certificate_service(parts), *transfer_services(parts, settings.transfer_tries)]

    return build_agency(definition(settings, runtime.randomness), settings, runtime, telemetry, own_services)
