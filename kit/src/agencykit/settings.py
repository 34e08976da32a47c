"""Settings: defaults, over them a TOML file, over it the environment. A service refuses to start on any bad one.

`TONGGUAN_CUSTOMS__PORT=7101`, nested with `__`; lists and tables are JSON: `TONGGUAN_CUSTOMS__CALLERS={"…": ["port"]}`.
Secrets are never settings: keys are paths of files. OTEL_* variables are read by telemetry under their standard names.
"""

import json
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from agencykit.identity import trust_domain

Settings = TypeVar("Settings", bound="ServiceSettings")

_CODE = r"^[a-z][a-z0-9-]{0,34}$"
_USER_INFO = re.compile(r"(?<=://)[^/@]*@")


class SettingsError(Exception):
    """The settings cannot be used. `faults` names every one of them, never a value."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class ServiceSettings(BaseSettings):
    """What every service can be told. A service adds its own fields by inheriting."""

    model_config = SettingsConfigDict(extra="forbid", env_nested_delimiter="__", frozen=True)

    district: str = Field("ningbo", pattern=_CODE, description="district; its trust domain is <district>.clearance")
    customs_district_code: str = Field("3100", pattern=r"^[0-9]{4}$", description="Chinese customs district (关区代码)")
    replica: str = Field("1", pattern=r"^[A-Za-z0-9-]{1,16}$", description="this replica; names its decision log")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(0, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    database_url: str = Field("", description="sqlite+pysqlite:///FILE or postgresql+psycopg://…")
    migrate_on_start: bool = Field(True, description="bring the database to the newest form before starting")

    ca_file: Path = Field(Path("ca.pem"), description="certificate of the district's authority")
    cert_file: Path = Field(Path("tls.pem"), description="own TLS certificate; its URI name is the identity")
    key_file: Path = Field(Path("tls.key"), description="key of it")
    signing_cert_file: Path | None = Field(None, description="certificate of the key that signs, apart from TLS")
    signing_key_file: Path | None = Field(None, validate_default=True, description="key that signs")
    compare_clocks: bool = Field(
        True, description="false: its operator says that the own clock is right whatever others say; terms run by it"
    )
    denied_file: Path | None = Field(None, description="TOML: identities = [...], serials = [...] shut out at once")
    callers: dict[str, list[str]] = Field(
        default_factory=dict, description="service's full name -> identity patterns; replaces the service's own default"
    )
    own_officers: list[Annotated[str, Field(pattern=r"^operator/([A-Za-z0-9._-]+|\*)$")]] = Field(
        default=["operator/*"],
        min_length=1,
        description="whom operator/* means in the own lists of callers; an agency in production names them",
    )

    production: bool = Field(False, description="refuses fault switches and serves no reflection")
    fault_assess_delay_ms: int = Field(0, ge=0, le=60_000, description="fault switch: AssessConsignments sleeps first")
    fault_error_rate: float = Field(0.0, ge=0, le=1, description="fault switch: share of AssessConsignments that fails")

    max_in_flight: int = Field(512, ge=1, description="calls answered at one time; more are refused at once")
    max_in_flight_per_caller: int = Field(384, ge=1, description="of these, calls of one identity")
    max_items_in_flight: int = Field(
        8192, ge=1, description="items of batches (or 8 KiB each) in work at one time, shared as calls are"
    )
    caller_weights: dict[str, Annotated[int, Field(ge=1, le=1000)]] = Field(
        default={"gateway": 4}, description="identity pattern, of any district -> shares of the room; others have 1"
    )
    max_streams: int = Field(256, ge=1, description="server streams open at one time")
    max_streams_per_caller: int = Field(192, ge=1, description="of these, streams of one identity")
    max_calls_per_second_per_caller: int = Field(
        5000, ge=0, description="calls of one identity a second; more are refused at once; 0: no bound"
    )
    max_deadline_ms: int = Field(30_000, ge=100, description="longest deadline of a call; a longer one is cut to it")
    max_stream_ms: int = Field(25_000, ge=100, description="longest life of a server stream, which is then resumed")
    max_message_bytes: int = Field(8 * 2**20, ge=2**16, description="largest message taken")
    max_page_size: int = Field(1000, ge=1, le=1000, description="longest page of a list; a longer one is cut to it")
    max_metadata_bytes: int = Field(8192, ge=4096, le=65536, description="largest metadata of a call")
    max_connections: int = Field(4096, ge=1, description="connections open at one time; more are closed at once")
    handshake_timeout_ms: int = Field(5000, ge=100, description="within it a connection must prove who it is")
    max_connection_age_ms: int = Field(30_000, ge=100, description="after it a connection must be made anew")
    drain_grace_ms: int = Field(10_000, ge=0, description="how long calls under way may go on after a stop signal")
    drain_delay_ms: int = Field(0, ge=0, description="how long NOT_SERVING is told before new calls are refused")

    log_file: Path | None = Field(None, description="JSON Lines; absent writes to standard error")
    span_store: Path | None = Field(None, description="SQLite file for spans; absent keeps none")
    metrics_port: int = Field(0, ge=0, le=65535, description="Prometheus port on `host`; 0 is off")

    retention_case_days: int = Field(
        1096, ge=1096, le=36525, description="what is over is purged after it: the law's three years, or longer"
    )
    retention_audit_days: int = Field(
        3653, ge=1096, le=36525, description="rows of the audit are purged after it, where what they are about was"
    )

    _service: str = PrivateAttr("service")
    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: `load_settings` reads file and environment itself, to know each value's source."""
        return (init_settings,)

    @field_validator("span_store", "log_file", "signing_cert_file", "signing_key_file", "denied_file", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("fault_assess_delay_ms", "fault_error_rate")
    @classmethod
    def _faults_are_permitted(cls, value: float, others: ValidationInfo) -> float:
        forbidden = []
        if value and others.data.get("production"):
            forbidden.append("refused in production mode")
        if value and os.environ.get("TONGGUAN_FAULTS") != "1":
            forbidden.append("needs TONGGUAN_FAULTS=1")
        if forbidden:
            raise ValueError("fault switch: " + "; ".join(forbidden))
        return value

    @field_validator("signing_key_file")
    @classmethod
    def _signing_files_go_together(cls, value: Path | None, others: ValidationInfo) -> Path | None:
        if (value is None) != (others.data.get("signing_cert_file") is None):
            raise ValueError("signing_cert_file and signing_key_file go together")
        return value

    @property
    def authorities(self) -> Mapping[str, Path]:
        """Trust domain -> certificate of the authority that vouches for it. A service without partners has one."""
        return {trust_domain(self.district): self.ca_file}

    @property
    def trust_domains(self) -> Collection[str]:
        """Whose parties may come in at all; which of them where is each service's list of callers."""
        return self.authorities.keys()

    @property
    def service(self) -> str:
        """The service these settings were loaded for: `customs`."""
        return self._service

    def source_of(self, field: str) -> str:
        """`default`, `file` or `environment`."""
        return self._sources.get(field, "default")


def load_settings(cls: type[Settings], service: str, config: Path | None = None) -> Settings:
    """Reads a service's settings; `config` is the TOML file, else TONGGUAN_<SERVICE>__CONFIG names it, if anything.

    Raises SettingsError with every fault of file, environment and values at once.
    """
    prefix = f"TONGGUAN_{service.upper()}__"
    faults = _unknown_names(cls, prefix)
    file = config or (Path(named) if (named := os.environ.get(f"{prefix}CONFIG")) else None)
    from_file = _read_file(file, faults) if file else {}
    from_environment = _read_environment(cls, prefix, faults)
    values = _merge(from_file, from_environment)
    try:
        settings = cls(**values)
    except ValidationError as error:
        faults += [_fault(entry, prefix, from_environment) for entry in error.errors(include_input=False)]
    if faults:
        raise SettingsError(faults)
    settings._service = service
    settings._sources = dict.fromkeys(from_file, "file") | dict.fromkeys(from_environment, "environment")
    return settings


def _unknown_names(cls: type[ServiceSettings], prefix: str) -> list[str]:
    known = {name.upper() for name in cls.model_fields} | {"CONFIG"}
    names = sorted(name for name in os.environ if name.upper().startswith(prefix))
    return [f"{name}: no such setting" for name in names if name[len(prefix) :].upper().partition("__")[0] not in known]


def _read_file(file: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        faults.append(f"{file}: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{file}: not TOML: {error}")
    return {}


def _read_environment(cls: type[ServiceSettings], prefix: str, faults: list[str]) -> dict[str, Any]:
    """One field at a time, so that one that is not JSON does not hide the others."""
    source = EnvSettingsSource(cls, env_prefix=prefix, env_nested_delimiter="__")
    values: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        try:
            raw, key, complex_value = source.get_field_value(field, name)
            value = source.prepare_field_value(name, field, raw, complex_value)
        except ValueError:
            faults.append(f"{prefix}{name.upper()}: not the JSON that this setting takes")
            continue
        if value is not None:
            values[key] = value
    return values


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        inner = merged.get(name)
        both = isinstance(inner, Mapping) and isinstance(value, Mapping)
        merged[name] = _merge(inner, value) if both else value  # type: ignore[arg-type]
    return merged


def _fault(entry: Mapping[str, Any], prefix: str, from_environment: Mapping[str, Any]) -> str:
    """One line for one bad value, under the name by which it was set."""
    place = [str(part) for part in entry["loc"]]
    message = str(entry["msg"]).removeprefix("Value error, ")
    if not place:
        return message
    name = f"{prefix}{'__'.join(place).upper()}" if place[0] in from_environment else ".".join(place)
    return f"{name}: {'no such setting' if entry['type'] == 'extra_forbidden' else message}"


def print_settings(settings: ServiceSettings) -> None:
    """Prints every setting with value, source and meaning, one a line. A password within an address is not shown."""
    values = settings.model_dump(mode="json")
    for name, field in type(settings).model_fields.items():
        shown = _USER_INFO.sub("…@", json.dumps(values[name], ensure_ascii=False))
        print(f"{name} = {shown}  # {settings.source_of(name)}; {field.description or ''}")
