"""What `up` is asked for, and what follows from it: which services run here, and what each is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tongguan.endpoints import Endpoints, Service
from tongguan.failures import Misused
from tongguan.stack import certificates, configuration, records
from tongguan.stack.layout import AGENCIES, GATEWAY, SERVICES, Layout, replica_names, service_of

MOST_OF_AN_AGENCY = 2
MOST_REPLICAS = 9


def parse_replicas(text: str) -> Mapping[str, int]:
    """`3`: so many gateways and two of each agency; or `gateway=3,customs=2`. Raises Misused."""
    if text.isdigit():
        each = dict.fromkeys(AGENCIES, min(int(text), MOST_OF_AN_AGENCY)) | {GATEWAY: int(text)}
    else:
        pairs = [part.partition("=") for part in text.split(",")]
        each = {name.strip(): int(count) if count.isdigit() else 0 for name, _, count in pairs}
    if not set(each) <= set(SERVICES) or not all(1 <= count <= MOST_REPLICAS for count in each.values()):
        raise Misused(f"--replicas {text} cannot be read", "write 3, or gateway=3,customs=2")
    return each


@dataclass(frozen=True, slots=True)
class Plan:
    """`agencies`: where the gateway finds them if not at the stack's own; `without`: which of those run elsewhere."""

    port_base: int = 0
    agencies: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    database: str = configuration.SQLITE
    # Service -> how many of it, where that is more than one.
    replicas: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.without:
            if name not in AGENCIES:
                raise Misused(f"--without {name}: no such agency", f"take one of: {', '.join(AGENCIES)}")
            if name not in self.agencies:
                raise Misused(f"--without {name} leaves the gateway nobody to ask", f"add --agency {name}=HOST:PORT")
        if max(self.replicas.values(), default=1) > 1 and self.database == configuration.SQLITE:
            raise Misused("replicas share a database that several processes may write", "add --database postgresql")
        if self.database not in (configuration.SQLITE, configuration.POSTGRESQL) and "{service}" not in self.database:
            raise Misused("--database takes a URL with {service} in it", "each service needs a database of its own")

    @property
    def further(self) -> tuple[str, ...]:
        """Agencies that join beyond the stack's own."""
        return tuple(name for name in self.agencies if name not in AGENCIES)

    @property
    def started(self) -> tuple[str, ...]:
        """What runs here: every service, each in its replicas."""
        services = tuple(name for name in SERVICES if name not in self.without)
        return tuple(replica for name in services for replica in replica_names(name, self.count(name)))

    def count(self, service: str) -> int:
        """How many replicas of it."""
        return self.replicas.get(service, 1)

    @property
    def own_postgres(self) -> bool:
        """Whether the stack brings a PostgreSQL along."""
        return self.database == configuration.POSTGRESQL

    @property
    def port_order(self) -> tuple[str, ...]:
        """Who gets a port, from --port-base upwards: the gateway and the agencies, then their replicas."""
        first = (GATEWAY, *AGENCIES)
        return (*first, *(replica for name in first for replica in replica_names(name, self.count(name))[1:]))


def configure(
    layout: Layout, plan: Plan, ports: Mapping[str, int], partners: Mapping[Layout, str] | None = None
) -> None:
    """Writes each replica's TOML file. `partners` are other districts' layouts and the addresses of their gateways."""
    own = {name: configuration.addresses(ports, name) for name in AGENCIES}
    for replica in plan.started:
        values: dict[str, Any] = configuration.settings(layout, replica, ports[replica], plan.database)
        if service_of(replica) == GATEWAY:
            values["agencies"] = own | dict(plan.agencies)
            known = {
                other.district: configuration.partner(other, address) for other, address in (partners or {}).items()
            }
            values |= {"partners": known, "bundle_file": str(layout.bundle)} if known else {}
        configuration.write(layout, replica, values)


def endpoints_of(layout: Layout, plan: Plan, ports: Mapping[str, int]) -> Endpoints:
    """The district as endpoints.json shall tell of it just now."""
    named, brokers = certificates.all_credentials(layout)
    names = (*SERVICES, *plan.further)
    services = {name: _service(layout, plan, name, ports) for name in names}
    return Endpoints(layout.district, services, named, brokers)


def _service(layout: Layout, plan: Plan, name: str, ports: Mapping[str, int]) -> Service:
    own = certificates.credentials(layout, name)
    elsewhere = plan.agencies.get(name, "")
    if name not in plan.started:
        return Service(elsewhere, [], "", "", own.ca, own.cert, own.key, via=elsewhere)
    return Service(
        address=configuration.addresses(ports, name),
        pids=records.pids(layout, name),
        log=str(layout.log(name)),
        database_url=configuration.database_url(layout, name, plan.database),
        ca=own.ca,
        cert=own.cert,
        key=own.key,
        span_store=str(layout.spans(name)),
        via=elsewhere,
    )
