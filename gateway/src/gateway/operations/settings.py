"""What the gateway can be told beside what every service can."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from agencykit.bundles import BundleInvalid, read_file
from agencykit.identity import Identity, IdentityError, trust_domain
from agencykit.settings import SettingsError
from gateway.domain.commitment import Commitments
from gateway.domain.emergency_plan import Plan
from gateway.domain.home import Homes
from gateway.domain.manual_rules import Overrides
from gateway.domain.partner import CONTRACT_VERSIONS
from gateway.domain.policy import ANY, ConfiguredAgency, Policy, PolicyFaults
from gateway.domain.transit.offices import Offices
from gateway.operations.commitment_file import CommitmentFaults, read_commitments
from gateway.operations.complaint_settings import ComplaintSettings, built_in
from gateway.operations.emergency_file import PlanFaults, read_plan
from gateway.operations.limits import Limits
from gateway.operations.manual_file import ManualFaults, read_overrides
from gateway.operations.partners import OwnBundle, Partner

AGENCIES = ("customs", "inspection", "border", "port")
# One for each replica.
ADDRESSES = r"^[^,]+:[0-9]{1,5}(,[^,]+:[0-9]{1,5})*$"


class AgencySettings(BaseModel):
    """One agency of the district. Written as a text, it is its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field(
        pattern=ADDRESSES, description="host:port of its AgencyService; of replicas host:port,host:port"
    )
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


class PartnerSettings(BaseModel):
    """A partner district: its gateway, the bundle with which trust in it begins, and where its guarantees live."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field(pattern=ADDRESSES, description="host:port of its gateway; of replicas host:port,host:port")
    bundle_file: Path = Field(description="trust bundle, from its operator's hand; newer ones are fetched")
    customs_district_code: str = Field(pattern=r"^[0-9]{4}$", description="with which its clearance numbers begin")
    guarantee_offices: list[str] = Field(
        default_factory=list, description="offices of guarantees it keeps: characters 5 to 8 of their GRN"
    )

    @field_validator("guarantee_offices")
    @classmethod
    def _are_offices(cls, value: list[str]) -> list[str]:
        if any(not re.fullmatch(r"[0-9A-Z]{4}", office) for office in value):
            raise ValueError("each must be four digits or capital letters")
        return value


class GatewaySettings(ComplaintSettings):
    """Settings of one gateway replica."""

    agencies: dict[str, AgencySettings] = Field(
        default_factory=dict, description="role -> address, or {address, identity, required}; all are asked"
    )
    policy_file: Path | None = Field(None, description="who must approve; absent takes the built-in policy")
    gate_agency: str = Field("port", description="whose list of exits ends cases; empty: nobody's")
    transfer_agency: str = Field("inspection", description="who keeps transfers of inspection at origin; empty: nobody")
    slot_agency: str = Field("port", description="who keeps slots for joint examinations; empty: nobody")
    ledger_agency: str = Field("customs", description="who keeps the ledger of guarantees; empty: nobody")
    carrier_agency: str = Field(
        "customs", description="whose register says who may carry in transit; empty: nobody's, and anybody may"
    )
    guarantee_claimants: list[str] = Field(
        default_factory=lambda: ["operator/officer-customs", "operator/examiner-customs"],
        description="operators who may claim guarantees; one proposes, another claims",
    )
    guarantee_amendment_hours: float = Field(
        24, gt=0, description="after a refusal other guarantees may be named so long"
    )
    release_officers: list[str] = Field(
        default_factory=lambda: ["operator/port-office", "operator/port-office-duty"],
        description="operators who release by hand and declare emergencies; one proposes, another does it",
    )
    manual_releases_file: Path | None = Field(
        None, description="what a release by hand may stand in for, and what never; absent: the built-in table"
    )
    emergency_plan_file: Path | None = Field(
        None, description="measures by which emergencies may be declared, with their caps; absent: the built-in plan"
    )
    transit_officers: list[str] = Field(
        default_factory=lambda: ["operator/officer-customs"], description="operators who decide on movements in transit"
    )
    transit_limit_days: float = Field(8, gt=0, description="time limit of a movement whose release names none")
    partners: dict[str, PartnerSettings] = Field(
        default_factory=dict, description="district -> {address, bundle_file, customs_district_code, guarantee_offices}"
    )
    bundle_file: Path | None = Field(None, description="own trust bundle, which partners fetch; re-read when replaced")
    contract_versions: list[int] = Field(
        list(CONTRACT_VERSIONS), min_length=1, description="versions of the contract between districts that are spoken"
    )
    visibility_file: Path | None = Field(
        None, description="what partners are shown; absent: the built-in one, the least"
    )
    officers: dict[str, str] = Field(
        {f"operator/{who}-{agency}": agency for agency in AGENCIES for who in ("officer", "examiner")},
        description="who acts for which agency, where partners are asked what they show to that",
    )
    partner_interval_ms: int = Field(30_000, ge=100, description="how often partners are asked how they stand")
    countersign_interval_ms: int = Field(
        15_000, ge=100, description="how often heads of the district's logs are countersigned"
    )
    originator_days: float = Field(
        120, gt=0, description="how long agencies act on who asked; longer than any case may wait to be asked about"
    )
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

    @field_validator("partners")
    @classmethod
    def _partners_are_others(
        cls, value: dict[str, PartnerSettings], others: ValidationInfo
    ) -> dict[str, PartnerSettings]:
        faults = [f"{name}: is no district" for name in value if not re.fullmatch(r"[a-z][a-z0-9-]{0,34}", name)]
        own, own_code = others.data.get("district"), others.data.get("customs_district_code")
        codes = Counter([own_code, *(each.customs_district_code for each in value.values())])
        faults += [f"{name}: is this district" for name in value if name == own]
        # Cases name both alike (domain.policy).
        faults += [f"{name}: is an agency" for name in value if name in others.data.get("agencies", ())]
        faults += [f"{code}: begins the numbers of two districts" for code, count in codes.items() if count > 1]
        offices = Counter(office for each in value.values() for office in each.guarantee_offices)
        faults += [f"{office}: is an office of two partners" for office, count in offices.items() if count > 1]
        if faults:
            raise ValueError("; ".join(faults))
        return value

    @field_validator("guarantee_claimants", "release_officers")
    @classmethod
    def _it_takes_two(cls, value: list[str]) -> list[str]:
        if len(set(value)) == 1 and not value[0].endswith("/*"):
            raise ValueError("one proposes and another does it: name two, or nobody")
        return value

    @field_validator("release_officers")
    @classmethod
    def _operators_release(cls, value: list[str]) -> list[str]:
        if others := [each for each in value if not each.startswith("operator/")]:
            raise ValueError(f"only operators release by hand: {', '.join(others)}")
        return value

    @property
    def trust_domains(self) -> Collection[str]:
        """The own one and partners'."""
        return {trust_domain(district) for district in (self.district, *self.partners)}

    def pinned(self) -> dict[str, Partner]:
        """The partners with the bundles that are pinned, by district; SettingsError with every fault."""
        made, faults = {}, []
        for district, each in self.partners.items():
            try:
                bundle = read_file(each.bundle_file)
                if (bundle.district, bundle.code) != (district, each.customs_district_code):
                    raise BundleInvalid(f"it is of {bundle.district} ({bundle.code})")
                made[district] = Partner(each.address, bundle)
            except BundleInvalid as error:
                faults.append(f"partners.{district}.bundle_file: {each.bundle_file}: {error}")
        if faults:
            raise SettingsError(faults)
        return made

    def own_bundle(self) -> OwnBundle:
        """What partners fetch; SettingsError where it is another district's, or no bundle."""
        try:
            return OwnBundle(self.bundle_file, self.district, self.customs_district_code)
        except BundleInvalid as error:
            raise SettingsError([f"bundle_file: {self.bundle_file}: {error}"]) from None

    @property
    def offices(self) -> Offices:
        """Which district an office of departure or destination belongs to."""
        partners = {name: each.customs_district_code for name, each in self.partners.items()}
        return Offices(self.district, {self.district: self.customs_district_code, **partners})

    @property
    def homes(self) -> Homes:
        """Where guarantees live."""
        offices = {office: name for name, each in self.partners.items() for office in each.guarantee_offices}
        return Homes(self.district, offices)

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
            partners = {name: str(Identity.of_district(name, "gateway")) for name in self.partners}
            return Policy(built_in("policy_file", self.policy_file, "policy.toml"), configured, partners)
        except PolicyFaults as faults:
            raise SettingsError(faults.faults) from faults

    def overrides(self) -> Overrides:
        """What a release by hand may stand in for; SettingsError with every fault."""
        try:
            return read_overrides(built_in("manual_releases_file", self.manual_releases_file, "manual_releases.toml"))
        except ManualFaults as faults:
            raise SettingsError(faults.faults) from faults

    def emergency_plan(self) -> Plan:
        """By which measures emergencies may be declared; SettingsError with every fault."""
        content = built_in("emergency_plan_file", self.emergency_plan_file, "emergency_plan.toml")
        try:
            return read_plan(content, self.overrides().after_minutes)
        except PlanFaults as faults:
            raise SettingsError(faults.faults) from faults

    def visibility(self) -> Mapping[str, Any]:
        """What partners are shown, as the file has it; SettingsError where it cannot be read."""
        return built_in("visibility_file", self.visibility_file, "visibility.toml")

    def commitments(self) -> Commitments:
        """What is promised, from the file; SettingsError with every fault."""
        try:
            return read_commitments(built_in("commitments_file", self.commitments_file, "commitments.toml"))
        except CommitmentFaults as faults:
            raise SettingsError(faults.faults) from faults
