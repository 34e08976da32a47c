"""What `up` is asked for, and what follows from it: which services run here, and what each is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tongguan.endpoints import Endpoints, Service
from tongguan.failures import Misused
from tongguan.stack import certificates, configuration, records
from tongguan.stack.layout import AGENCIES, GATEWAY, SERVICES, Layout
from tongguan.stack.ports import HOST


@dataclass(frozen=True, slots=True)
class Plan:
    """`agencies`: where the gateway finds them if not at the stack's own; `without`: which of those run elsewhere."""

    port_base: int = 0
    agencies: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    database: str = configuration.SQLITE

    def __post_init__(self) -> None:
        for name in self.without:
            if name not in AGENCIES:
                raise Misused(f"--without {name}: no such agency", f"take one of: {', '.join(AGENCIES)}")
            if name not in self.agencies:
                raise Misused(f"--without {name} leaves the gateway nobody to ask", f"add --agency {name}=HOST:PORT")
        if self.database != configuration.SQLITE and "{service}" not in self.database:
            raise Misused("--database takes a URL with {service} in it", "each service needs a database of its own")

    @property
    def further(self) -> tuple[str, ...]:
        """Agencies that join beyond the stack's own."""
        return tuple(name for name in self.agencies if name not in AGENCIES)

    @property
    def started(self) -> tuple[str, ...]:
        """Services that run here."""
        return tuple(name for name in SERVICES if name not in self.without)


def configure(
    layout: Layout, plan: Plan, ports: Mapping[str, int], partners: Mapping[Layout, int] | None = None
) -> None:
    """Writes each service's TOML file. `partners` are other districts' layouts and the ports of their gateways."""
    own = {name: f"{HOST}:{ports[name]}" for name in AGENCIES}
    for service in plan.started:
        values: dict[str, Any] = configuration.settings(layout, service, ports[service], plan.database)
        if service == GATEWAY:
            values["agencies"] = own | dict(plan.agencies)
            known = {other.district: configuration.partner(other, port) for other, port in (partners or {}).items()}
            values |= {"partners": known, "bundle_file": str(layout.bundle)} if known else {}
        configuration.write(layout, service, values)


def endpoints_of(layout: Layout, plan: Plan, ports: Mapping[str, int]) -> Endpoints:
    """The district as endpoints.json shall tell of it just now."""
    named, brokers = certificates.all_credentials(layout)
    names = (*SERVICES, *plan.further)
    services = {name: _service(layout, plan, name, ports.get(name, 0)) for name in names}
    return Endpoints(layout.district, services, named, brokers)


def _service(layout: Layout, plan: Plan, name: str, port: int) -> Service:
    own = certificates.credentials(layout, name)
    record = records.read(layout, name)
    elsewhere = plan.agencies.get(name, "")
    if name not in plan.started:
        return Service(elsewhere, [], "", "", own.ca, own.cert, own.key, via=elsewhere)
    return Service(
        address=f"{HOST}:{port}",
        pids=[record.process.pid] if record and record.running() else [],
        log=str(layout.log(name)),
        database_url=configuration.database_url(layout, name, plan.database),
        ca=own.ca,
        cert=own.cert,
        key=own.key,
        span_store=str(layout.spans(name)),
        via=elsewhere,
    )
