"""The composition root: settings in, customs out."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from agencykit.agency import AgencyDefinition, AgencyParts, build_agency
from agencykit.list_files import ListsInvalid
from agencykit.rpc.service import Service
from agencykit.rules import RequiredAction
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry import Telemetry
from customs.domain.catalogue import RULE_SET_VERSION, RULES, choose, subject
from customs.domain.interests import OUTLASTING, decided_again, interests
from customs.domain.records import record_facts
from customs.domain.reference import Reference
from customs.domain.release_on_guarantee import guarantee_terms
from customs.domain.rules.risk import examined_at
from customs.operations.guarantees import expire_holds
from customs.operations.selecting import Selecting
from customs.rpc.carrier_service import carrier_service
from customs.rpc.consignments import read_bytes, read_consignment
from customs.rpc.duty_service import duty_service
from customs.rpc.examination_service import examination_service
from customs.rpc.guarantee_register_service import guarantee_register_service
from customs.rpc.guarantee_service import guarantee_service
from customs.rpc.payment_service import payment_service
from customs.rpc.register_service import register_service
from customs.rpc.risk_service import risk_service
from customs.rpc.scheme_service import scheme_service
from customs.storage.facts import FactsReader
from customs.storage.reference import EXAMPLES as LISTS
from customs.storage.reference import ReferenceFiles, load_reference
from customs.storage.risk_profile import parse_profile
from customs.storage.tables import metadata

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp

EXAMPLES = ReferenceFiles()
RISK_PROFILE = LISTS / "risk.toml"


class CustomsSettings(ServiceSettings):
    """What customs can be told beside what every service can. The built-in lists are examples, not law."""

    schedule_file: Path = Field(EXAMPLES.schedule, description="schedule: duty, VAT and value bands by prefix (CSV)")
    licence_list_file: Path = Field(EXAMPLES.licence_list, description="goods under licence control (CSV)")
    prohibited_file: Path = Field(EXAMPLES.prohibited, description="prohibited goods (CSV)")
    trade_mode_file: Path = Field(EXAMPLES.trade_modes, description="trade modes, and which are taxed (CSV)")
    country_file: Path = Field(EXAMPLES.countries, description="country codes (words)")
    examination_file: Path = Field(EXAMPLES.examination, description="scanner's queue, officers kept apart (TOML)")
    charges_file: Path = Field(EXAMPLES.charges, description="exchange rates, fees, time limits (TOML)")
    scheme_file: Path = Field(EXAMPLES.schemes, description="schemes and who is entitled to them (TOML)")
    risk_profile_file: Path = Field(RISK_PROFILE, description="risk criteria, rates, throttle (TOML)")
    guarantee_hold_seconds: int = Field(900, ge=1, description="a guarantee held so long unconfirmed expires")
    guarantee_claim_days: int = Field(30, ge=1, description="within so many days a guarantor pays")
    guarantee_shortfall_days: int = Field(30, ge=1, description="within so many days a shortfall is made good")


def lists(settings: CustomsSettings) -> Reference:
    """The published lists. SettingsError with every fault of them."""
    paths = ReferenceFiles(
        schedule=settings.schedule_file,
        licence_list=settings.licence_list_file,
        prohibited=settings.prohibited_file,
        trade_modes=settings.trade_mode_file,
        countries=settings.country_file,
        charges=settings.charges_file,
        examination=settings.examination_file,
        schemes=settings.scheme_file,
    )
    try:
        return load_reference(paths)
    except ListsInvalid as invalid:
        raise SettingsError(invalid.faults) from None


def definition(settings: CustomsSettings) -> AgencyDefinition:
    """Customs' facts and rules, as they are without risk selection. SettingsError with every fault of the lists."""
    return defined_by(lists(settings))


def defined_by(reference: Reference) -> AgencyDefinition:
    """Customs with these lists."""
    return AgencyDefinition(
        name="customs",
        display_name_zh="海关",
        display_name_en="Customs",
        rule_set_version=RULE_SET_VERSION,
        rules=RULES,
        choose=choose,
        read=read_consignment,
        load_facts=FactsReader(reference),
        subject=subject,
        record_facts=record_facts,
        interests=interests,
        outlasting=OUTLASTING,
        expires=decided_again,
        examined_at=examined_at,
        guarantee=guarantee_terms,
        followed_up=frozenset({RequiredAction.SUPPLY_DOCUMENT}),
        kept_apart=reference.examining.kept_apart,
        metadata=metadata,
        tick=expire_holds,
    )


def with_selection(plain: AgencyDefinition, selecting: Selecting) -> AgencyDefinition:
    """Customs with risk selection."""
    return replace(
        plain,
        open=selecting.open,
        ledger=selecting,
        record_work=selecting.record_work,
    )


def selection(settings: CustomsSettings, runtime: Runtime) -> Selecting:
    """Risk selection by the profile of the settings; SettingsError with every fault of it."""
    try:
        content = settings.risk_profile_file.read_text("utf-8")
        parse_profile(content)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [f"{settings.risk_profile_file}: {getattr(error, 'strerror', None) or 'not UTF-8'}"]
        ) from None
    except ListsInvalid as invalid:
        raise SettingsError([f"{settings.risk_profile_file}: {fault}" for fault in invalid.faults]) from None
    return Selecting(content, f"customs/{settings.replica}", settings.district, runtime, read_bytes)


def build(settings: CustomsSettings, runtime: Runtime, telemetry: Telemetry) -> "AgencyApp":
    """The app that `agencykit.host.run_service` runs."""

    def own_services(parts: AgencyParts) -> list[Service]:
        of_lists = (risk_service, scheme_service, examination_service, duty_service)
        return [
            register_service(parts),
            carrier_service(parts),
            *(service(parts, reference) for service in of_lists),
            guarantee_service(parts, settings.guarantee_hold_seconds, settings.guarantee_claim_days),
            guarantee_register_service(parts, settings.guarantee_shortfall_days),
            payment_service(parts),
        ]

    reference = lists(settings)
    whole = with_selection(defined_by(reference), selection(settings, runtime))
    return build_agency(whole, settings, runtime, telemetry, own_services)
