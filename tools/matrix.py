"""Who may call what, asked of the very layers that refuse: every method of every service, with default settings.

python tools/matrix.py FILE     writes the tables between the marks of FILE (docs/security.md)
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agencykit.bundles import issue_next
from agencykit.identity import Identity
from agencykit.pki import equip
from agencykit.rpc.layers import Layers
from agencykit.rpc.service import Service
from agencykit.rpc.trust import Authorities
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from border.app import BorderSettings
from border.app import build as build_border
from customs.app import CustomsSettings
from customs.app import build as build_customs
from gateway.app import build as build_gateway
from gateway.operations.settings import GatewaySettings
from inspection.app import InspectionSettings
from inspection.app import build as build_inspection
from port.app import PortSettings
from port.app import build as build_port

BEGIN, END = "<!-- matrix: written by `make generate` -->", "<!-- end of the matrix -->"
DISTRICT, PARTNER, PARTNER_CODE = "ningbo", "hangzhou", "2900"
AGENCIES = ("customs", "inspection", "border", "port")
# What heads a column -> one who stands for all of that role.
CALLERS: Mapping[str, Identity] = {
    **{role: Identity.of_district(DISTRICT, role) for role in ("gateway", *AGENCIES)},
    "broker": Identity.of_district(DISTRICT, "broker/3104980001"),
    "operator": Identity.of_district(DISTRICT, "operator/port-office"),
    "console": Identity.of_district(DISTRICT, "console"),
    "terminal": Identity.of_district(DISTRICT, "terminal/BEILUN-2"),
    "haulier": Identity.of_district(DISTRICT, "haulier/YONGGANG"),
    "partner's gateway": Identity.of_district(PARTNER, "gateway"),
    "partner's operator": Identity.of_district(PARTNER, "operator/port-office"),
    "partner's broker": Identity.of_district(PARTNER, "broker/2904980001"),
}
MAY, MAY_NOT = "●", "·"

Build = Callable[[Any, Runtime, Telemetry], Any]


@dataclass(frozen=True)
class Composed:
    """One service as its composition root makes it; nothing of it is started."""

    settings: ServiceSettings
    runtime: Runtime
    services: list[Service]
    authorities: Authorities | None


def fields(folder: Path, role: str) -> dict[str, Any]:
    """The settings that have no default: certificates, and a database that is never opened."""
    return {
        "district": DISTRICT,
        "database_url": f"sqlite+pysqlite:///{folder / role}.db",
        "ca_file": folder / "ca.pem",
        "cert_file": folder / f"{role}.pem",
        "key_file": folder / f"{role}.key",
        "signing_cert_file": folder / f"{role}-signing.pem",
        "signing_key_file": folder / f"{role}-signing.key",
    }


@contextmanager
def composed(folder: Path) -> Iterator[dict[str, Composed]]:
    """All five, by name. The gateway has Hangzhou as its partner: without one DistrictService is for nobody."""
    with ExitStack() as stack:
        runtime = real_runtime()
        stack.callback(runtime.executor.close)
        partner, own = folder / PARTNER, folder / DISTRICT
        equip(partner, PARTNER, ["gateway", "district"])
        equip(own, DISTRICT, ["gateway", *AGENCIES])
        bundle = partner / "bundle.json"
        issue_next(partner, bundle, PARTNER, PARTNER_CODE, runtime.clock.now())
        known = {"address": "127.0.0.1:1", "bundle_file": bundle, "customs_district_code": PARTNER_CODE}
        peers: dict[str, Any] = {"agencies": dict.fromkeys(AGENCIES, "127.0.0.1:1"), "partners": {PARTNER: known}}
        gateway = GatewaySettings(**fields(own, "gateway"), **peers)
        parties: dict[str, tuple[Build, ServiceSettings]] = {
            "gateway": (build_gateway, gateway),
            "customs": (build_customs, CustomsSettings(**fields(own, "customs"))),
            "inspection": (build_inspection, InspectionSettings(**fields(own, "inspection"))),
            "border": (build_border, BorderSettings(**fields(own, "border"))),
            "port": (build_port, PortSettings(**fields(own, "port"))),
        }
        made = {}
        for name, (build, settings) in parties.items():
            telemetry = Telemetry(settings, name, runtime)
            stack.callback(telemetry.close)
            app = build(settings, runtime, telemetry)
            made[name] = Composed(settings, runtime, app.services, getattr(app, "authorities", None))
        yield made


def tables(parties: Mapping[str, Composed]) -> str:
    """One table for each service that is deployed, one row for each method."""
    return "\n\n".join(_table(name, party) for name, party in parties.items())


def _table(name: str, party: Composed) -> str:
    layers = Layers(party.settings, party.runtime, party.services, Telemetry(party.settings, name, party.runtime))
    lines = [f"### {name}", "", f"| method | {' | '.join(CALLERS)} |", f"|---|{'---|' * len(CALLERS)}"]
    for method in layers.methods.values():
        may = (layers.authorisation.lists(method.service, identity) for identity in CALLERS.values())
        cells = " | ".join(MAY if listed else MAY_NOT for listed in may)
        lines.append(f"| `{method.path.removeprefix('/')}` | {cells} |")
    return "\n".join(lines)


def cells(page: str) -> dict[str, dict[tuple[str, str], bool]]:
    """What a page says: service -> (method, who) -> whether he may."""
    found: dict[str, dict[tuple[str, str], bool]] = {}
    for part in _between(page).split("### ")[1:]:
        name, _, table = part.partition("\n")
        rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in table.strip().splitlines()]
        found[name] = {
            (f"/{method.strip('`')}", who): cell == MAY
            for method, *row in rows[2:]
            for who, cell in zip(rows[0][1:], row, strict=True)
        }
    return found


def written(page: str, matrix: str) -> str:
    """The page with these tables between its marks."""
    _between(page)
    return f"{page.partition(BEGIN)[0]}{BEGIN}\n\n{matrix}\n\n{END}{page.partition(END)[2]}"


def _between(page: str) -> str:
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise SystemExit(f"the page must hold {BEGIN} and {END} once")
    return page.partition(BEGIN)[2].partition(END)[0]


def main(arguments: list[str]) -> None:
    match arguments:
        case [file]:
            page = Path(file)
            with tempfile.TemporaryDirectory() as folder, composed(Path(folder)) as parties:
                page.write_text(written(page.read_text("utf-8"), tables(parties)), "utf-8")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
