"""Each service's TOML file. The environment (TONGGUAN_<SERVICE>__…) still prevails over it."""

import json
from collections.abc import Mapping
from typing import Any

from tongguan.endpoints import write_atomically
from tongguan.stack.certifying import denied_file
from tongguan.stack.districts import CODES, OFFICES
from tongguan.stack.layout import AGENCIES, Layout, number_of, service_of
from tongguan.stack.ports import HOST

SQLITE = "sqlite"
# A server of the stack's own, in the state folder.
POSTGRESQL = "postgresql"


def database_url(layout: Layout, service: str, database: str) -> str:
    """`sqlite` keeps a file in the state folder, `postgresql` a server; else a URL with `{service}` for the name."""
    if database == SQLITE:
        return f"sqlite+pysqlite:///{layout.database(service)}"
    if database == POSTGRESQL:
        return f"postgresql+psycopg://tongguan@/{service}?host={layout.postgres}"
    return database.replace("{service}", service)


def settings(layout: Layout, replica: str, port: int, database: str) -> dict[str, Any]:
    """What every service is told. Replicas share the database, the certificate and the key that signs."""
    service = service_of(replica)
    stem = layout.certificates / service
    return {
        "replica": number_of(replica),
        "district": layout.district,
        "customs_district_code": CODES[layout.district],
        "host": HOST,
        "port": port,
        "database_url": database_url(layout, service, database),
        "ca_file": str(layout.certificates / "ca.pem"),
        "cert_file": f"{stem}.pem",
        "key_file": f"{stem}.key",
        "signing_cert_file": f"{stem}-signing.pem",
        "signing_key_file": f"{stem}-signing.key",
        "denied_file": str(denied_file(layout)),
        **({"own_officers": officers(service)} if service in AGENCIES else {}),
        "span_store": str(layout.spans(replica)),
    }


def officers(agency: str) -> list[str]:
    """Who is an officer there: its own, and the port office, which enters facts everywhere; not those of others."""
    own = [f"operator/officer-{agency}", f"operator/examiner-{agency}"]
    further = ["operator/laboratory"] if agency == "inspection" else []
    return [*own, *further, "operator/port-office", "operator/port-office-duty"]


def addresses(ports: Mapping[str, int], service: str) -> str:
    """Where a service's replicas listen: `127.0.0.1:7000,127.0.0.1:7005`."""
    return ",".join(f"{HOST}:{port}" for replica, port in ports.items() if service_of(replica) == service)


def partner(layout: Layout, address: str) -> dict[str, Any]:
    """What other districts' gateways are told of this district, whose gateway listens there."""
    return {
        "address": address,
        "bundle_file": str(layout.bundle),
        "customs_district_code": CODES[layout.district],
        "guarantee_offices": list(OFFICES[layout.district]),
    }


def write(layout: Layout, service: str, values: Mapping[str, Any]) -> None:
    """Writes the service's file anew at each `up`; whoever wants other settings gives them in the environment."""
    write_atomically(layout.configuration(service), toml(values))


def toml(values: Mapping[str, Any], table: str = "") -> str:
    """TOML of nested mappings. JSON's strings, numbers, booleans and lists of them are TOML's too."""
    plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(name)} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    text = "\n".join([*([f"[{table}]"] if table else []), *lines]) + "\n"
    for name, value in values.items():
        if isinstance(value, Mapping):
            text += "\n" + toml(value, f"{table}.{_key(name)}" if table else _key(name))
    return text


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)
