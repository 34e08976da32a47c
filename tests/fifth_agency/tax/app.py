"""The composition root: whoever is in arrears is a setting, so that the example needs no service of its own."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field
from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition, build_agency
from agencykit.decisions.app import AgencyApp
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from clearance.common.v1.consignment_pb2 import Consignment
from tax.rules import Facts, View, nothing_owed, subject, trader_stated


class TaxSettings(ServiceSettings):
    """What the tax office can be told beside what every service can."""

    arrears: list[str] = Field(default_factory=list, description="registration numbers of traders with tax to pay")


def build(settings: TaxSettings, runtime: Runtime, telemetry: Telemetry) -> AgencyApp:
    """The tax office as `agencykit.host.run_service` runs it."""

    def load_facts(connection: Connection, views: Sequence[View], now: datetime) -> list[Facts]:
        return [Facts(view.trader in settings.arrears) for view in views]

    definition = AgencyDefinition(
        name="tax",
        display_name_zh="国家税务局",
        display_name_en="Tax office",
        rule_set_version="tax-2004.1",
        rules=(trader_stated, nothing_owed),
        read=read,
        load_facts=load_facts,
        subject=subject,
        record_facts=lambda facts: {"in_arrears": facts.in_arrears},
    )
    return build_agency(definition, settings, runtime, telemetry)


def read(consignment: Consignment) -> View:
    """The view of a consignment."""
    return View(consignment.trader.identifier)
