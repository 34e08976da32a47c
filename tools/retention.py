"""How long which table is kept, out of what each service declares (agencykit.retention).

python tools/retention.py FILE     writes the tables between the marks of FILE (docs/retention.md)
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from agencykit.retention.declared import Keeping
from agencykit.settings import ServiceSettings
from border.app import BorderSettings
from border.storage.retention import KEEPING as BORDER
from customs.storage.retention import KEEPING as CUSTOMS
from gateway.operations.settings import GatewaySettings
from gateway.storage.retention import KEEPING as GATEWAY
from inspection.storage.retention import KEEPING as INSPECTION
from port.storage.retention import KEEPING as PORT

BEGIN, END = "<!-- periods: written by `make generate` -->", "<!-- end of the periods -->"
KEEPINGS: Mapping[str, Keeping] = {
    "gateway": GATEWAY,
    "customs": CUSTOMS,
    "inspection": INSPECTION,
    "border": BORDER,
    "port": PORT,
}
SETTINGS: Mapping[str, type[ServiceSettings]] = {"border": BorderSettings, "gateway": GatewaySettings}


def tables() -> str:
    """One table for each service, one row for each of its tables."""
    return "\n\n".join(_table(name, keeping) for name, keeping in KEEPINGS.items())


def _table(name: str, keeping: Keeping) -> str:
    lines = [f"### {name}", "", "| table | kept | since, or why |", "|---|---|---|"]
    fields = SETTINGS.get(name, ServiceSettings).model_fields
    for each in sorted(keeping.tables, key=lambda kept: kept.table):
        term = f"{fields[each.period].default} days (`{each.period}`)" if each.period else "for ever"
        lines.append(f"| `{each.table}` | {term} | {each.since} |")
    return "\n".join(lines)


def written(page: str) -> str:
    """The page with these tables between its marks."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise SystemExit(f"the page must hold {BEGIN} and {END} once")
    return f"{page.partition(BEGIN)[0]}{BEGIN}\n\n{tables()}\n\n{END}{page.partition(END)[2]}"


def main(arguments: list[str]) -> None:
    match arguments:
        case [file]:
            Path(file).write_text(written(Path(file).read_text("utf-8")), "utf-8")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
