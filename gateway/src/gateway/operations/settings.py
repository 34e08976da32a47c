"""What the gateway can be told beside what every service can."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agencykit.identity import Identity, IdentityError
from agencykit.settings import ServiceSettings, SettingsError
from gateway.domain.commitment import Commitments
from gateway.domain.policy import ANY, ConfiguredAgency, Policy, PolicyFaults
from gateway.operations.commitment_file import CommitmentFaults, read_commitments
from gateway.operations.limits import Limits


class AgencySettings(BaseModel):
    """One agency of the district. Written as a text, it is its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field(pattern=r"^.+:[0-9]{1,5}$", description="host:port of its AgencyService")
    identity: str = Field("", description="by which its certificates are judged; by default the district's of its name")
    required: bool | list[str] = Field(False, description="required beyond the policy file: true, or ['import/sea', …]")

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, value: object) -> object:
        return {"address": value} if isinstance(value, str) else value

    @field_validator("identity")
    @classmethod
    def _reads(cls, value: str) -> str:
        try:
            return str(Identity.parse(value)) if value else value
        except IdentityError as error:
            raise ValueError(str(error)) from error

    @property
    def patterns(self) -> tuple[str, ...]:
        """The `direction/mode` cells for which the settings require it."""
        if isinstance(self.required, bool):
            return (f"{ANY}/{ANY}",) if self.required else ()
        return tuple(self.required)


class GatewaySettings(ServiceSettings):
    """Settings of one gateway replica."""

    agencies: dict[str, AgencySettings] = Field(
        default_factory=dict, description="role -> address, or {address, identity, required}; all are asked"
    )
    policy_file: Path | None = Field(None, description="who must approve; absent takes the built-in policy")
    gate_agency: str = Field("port", description="whose list of exits ends cases; empty: nobody's")
    slot_agency: str = Field("port", description="who keeps slots for joint examinations; empty: nobody")
    commitments_file: Path | None = Field(None, description="promises, keys, urgent reasons; absent: the built-in ones")

    convoy_items: int = Field(256, ge=1, le=256, description="a convoy closes at so many submissions")
    convoy_bytes: int = Field(2 * 2**20, ge=2**16, le=2 * 2**20, description="… or so many bytes")
    convoys: int = Field(8, ge=1, le=64, description="convoys under way at most, where agencies are slow")
    queue_items: int = Field(4096, ge=1, description="submissions waiting; more are refused at once")
    queue_bytes: int = Field(64 * 2**20, ge=2**20, description="… or so many bytes")
    call_budget_ms: int = Field(2000, ge=100, description="longest call to an agency")
    calls: int = Field(8, ge=1, description="calls to one agency at a time")
    answer_margin_ms: int = Field(100, ge=0, description="a caller is answered so long before his deadline")
    refusals: int = Field(5, ge=1, description="an item refused so often is set aside")
    recovery_interval_ms: int = Field(250, ge=10, description="how often cases that are due are looked for")
    recovery_convoys: int = Field(2, ge=1, description="of these under way at a time")

    @property
    def limits(self) -> Limits:
        """The limits as operations know them."""
        return Limits(
            convoy_items=self.convoy_items,
            convoy_bytes=self.convoy_bytes,
            convoys=self.convoys,
            queue_items=self.queue_items,
            queue_bytes=self.queue_bytes,
            call_budget=self.call_budget_ms / 1000,
            calls=self.calls,
            answer_margin=self.answer_margin_ms / 1000,
            refusals=self.refusals,
            recovery_convoys=self.recovery_convoys,
            recovery_interval=self.recovery_interval_ms / 1000,
        )

    def identity_of(self, agency: str) -> Identity:
        """The identity that an agency must prove."""
        named = self.agencies[agency].identity
        return Identity.parse(named) if named else Identity.of_district(self.district, agency)

    def policy(self) -> Policy:
        """The policy, from the file and the configured agencies; SettingsError with every fault."""
        configured = [
            ConfiguredAgency(name, str(self.identity_of(name)), agency.patterns)
            for name, agency in self.agencies.items()
        ]
        try:
            return Policy(_content("policy_file", self.policy_file, "policy.toml"), configured)
        except PolicyFaults as faults:
            raise SettingsError(faults.faults) from faults

    def commitments(self) -> Commitments:
        """What is promised, from the file; SettingsError with every fault."""
        try:
            return read_commitments(_content("commitments_file", self.commitments_file, "commitments.toml"))
        except CommitmentFaults as faults:
            raise SettingsError(faults.faults) from faults


def _content(setting: str, path: Path | None, built_in: str) -> Mapping[str, Any]:
    try:
        if path is not None:
            return tomllib.loads(path.read_text("utf-8"))
        return tomllib.loads(files("gateway.domain").joinpath(built_in).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{setting}: {path}: {type(error).__name__}"]) from error
