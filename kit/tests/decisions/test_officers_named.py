"""An agency in production is not everybody's."""

import pytest

from agencykit.agency import build_agency
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry import Telemetry
from agencykit.testing.example_agency import DEFINITION
from agencykit.testing.running import agency_settings


def test_an_agency_in_production_that_names_no_officers_of_its_own_does_not_start(runtime: Runtime) -> None:
    for officers in (["operator/*"], ["operator/weigher", "operator/*"]):
        settings = agency_settings(
            ServiceSettings, "weighbridge", "sqlite+pysqlite://", production=True, own_officers=officers
        )
        telemetry = Telemetry(settings, "weighbridge", runtime)
        with pytest.raises(SettingsError, match="weighbridge in production names its own"):
            build_agency(DEFINITION, settings, runtime, telemetry)
        telemetry.close()
