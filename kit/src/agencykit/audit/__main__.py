"""Exports what a database holds to prove itself, or verifies exports: `python -m agencykit.audit export|verify`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from agencykit.audit.exporting import export_lines
from agencykit.audit.verifying import NotAnExport, district_of, verify_exports
from agencykit.evidence.__main__ import add_authorities, plain, read_authorities
from agencykit.storage.engines import make_engine


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 0, 1 where something does not hold, 2 where something cannot be read."""
    given = _arguments(arguments)
    try:
        return _export(given) if given.deed == "export" else _verify(given)
    except (OSError, ValueError, NotAnExport, SQLAlchemyError) as error:
        print(f"cannot be read: {plain(str(error))}", file=sys.stderr)
        return 2


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m agencykit.audit", description=(__doc__ or "").partition(":")[0])
    deeds = parser.add_subparsers(dest="deed", required=True)
    export = deeds.add_parser("export", help="write what stands in a database; it may be in use")
    export.add_argument("--database-url", required=True, help="the service's own")
    export.add_argument("--service", required=True, help="customs, gateway, …")
    export.add_argument("--district", required=True, help="trust domain is <district>.clearance")
    export.add_argument("--file", type=Path, required=True, help="where it goes")
    verify = deeds.add_parser("verify", help="exports of a district, with those of partners that keep its heads")
    verify.add_argument("files", type=Path, nargs="+")
    add_authorities(verify)
    return parser.parse_args(arguments)


def _export(given: argparse.Namespace) -> int:
    engine = make_engine(given.database_url, connections=0, begin="BEGIN", read_only=True)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    count = 0
    with engine.begin() as connection, given.file.open("w", encoding="utf-8") as target:
        for line in export_lines(connection, given.service, given.district):
            count += 1
            target.write(line)
    engine.dispose()
    print(f"{given.service}: {count} lines: {given.file}")
    return 0


def _verify(given: argparse.Namespace) -> int:
    found = verify_exports(given.files, read_authorities(given.ca, district_of(given.files[0])))
    for line in found.sound:
        print(f"holds: {plain(line)}")
    for line in found.lines:
        print(f"does not hold: {plain(line)}")
    return 1 if found.lines else 0


if __name__ == "__main__":
    sys.exit(main())
