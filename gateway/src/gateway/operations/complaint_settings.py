"""What the gateway can be told of complaints (投诉); and how a file of a setting, or the built-in one, is read."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field

from agencykit.settings import ServiceSettings, SettingsError
from gateway.domain.complaint import Rules
from gateway.operations.complaint_file import ComplaintFaults, read_complaints


class ComplaintSettings(ServiceSettings):
    """A part of the gateway's settings."""

    complaints_file: Path | None = Field(
        None, description="kinds of complaints with their deadlines, and working time; absent: the built-in table"
    )
    complaints_per_day: int = Field(50, ge=1, description="complaints that a broker, or an officer, may file in 24 h")
    complaints_per_day_public: int = Field(
        1000, ge=1, description="… and the console for the public, of whom it bounds each"
    )
    retention_contact_days: int = Field(
        180, ge=30, description="how whoever complains can be reached is kept so long after the complaint has ended"
    )

    def complaint_rules(self) -> Rules:
        """Kinds and terms of complaints; SettingsError with every fault."""
        try:
            return read_complaints(built_in("complaints_file", self.complaints_file, "complaints.toml"))
        except ComplaintFaults as faults:
            raise SettingsError(faults.faults) from faults


def built_in(setting: str, path: Path | None, name: str) -> Mapping[str, Any]:
    """What a setting's file says, or the built-in one of that name where none is set; SettingsError."""
    try:
        if path is not None:
            return tomllib.loads(path.read_text("utf-8"))
        return tomllib.loads(files("gateway.domain").joinpath(name).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{setting}: {path}: {type(error).__name__}"]) from error
