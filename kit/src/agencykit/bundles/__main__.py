"""Issues a district's next trust bundle, or checks one: `python -m agencykit.bundles issue|check --file FILE …`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from agencykit.bundles.form import Bundle, BundleInvalid, follow, read_file
from agencykit.bundles.issuing import DAYS, is_current, issue_next
from agencykit.evidence.certificates import CertificateInvalid
from agencykit.runtime import Clock
from agencykit.runtime.real import SystemClock


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 0, 1 where a bundle is not believed or cannot be made, or 2 for bad usage."""
    given = _arguments(arguments)
    try:
        made = _issue(given, SystemClock()) if given.deed == "issue" else _check(given, SystemClock())
    except (BundleInvalid, CertificateInvalid, OSError, ValueError) as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 1
    print(f"{made.district} ({made.code}): version {made.version}, until {made.expire_time:%Y-%m-%d %H:%M} UTC")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m agencykit.bundles", description=(__doc__ or "").partition("\n")[0])
    deeds = parser.add_subparsers(dest="deed", required=True)
    issue = deeds.add_parser("issue", help="write the next one to the file where the one before lies")
    issue.add_argument("--folder", type=Path, required=True, help="holds ca.pem, district-signing.pem and .key")
    issue.add_argument("--district", required=True, help="trust domain is <district>.clearance")
    issue.add_argument("--code", required=True, help="with which the district's clearance numbers begin")
    issue.add_argument("--days", type=int, default=DAYS, help="how long partners may trust it")
    issue.add_argument("--if-needed", action="store_true", help="keep one that says the same and has half its time")
    check = deeds.add_parser("check", help="whether it holds together and is in force")
    check.add_argument("--after", type=Path, help="the bundle held, whose place it is to take")
    for each in (issue, check):
        each.add_argument("--file", type=Path, required=True, help="the bundle")
    return parser.parse_args(arguments)


def _issue(given: argparse.Namespace, clock: Clock) -> Bundle:
    now = clock.now()
    until = now + timedelta(days=given.days / 2)
    if given.if_needed and is_current(given.folder, given.file, given.district, given.code, until):
        return read_file(given.file)
    return issue_next(given.folder, given.file, given.district, given.code, now, given.days)


def _check(given: argparse.Namespace, clock: Clock) -> Bundle:
    made, now = read_file(given.file), clock.now()
    if given.after:
        follow(read_file(given.after), made, now)
    if made.expire_time <= now:
        raise BundleInvalid(f"it expired at {made.expire_time:%Y-%m-%d %H:%M} UTC")
    return made


if __name__ == "__main__":
    sys.exit(main())
