"""Certificates of a district: `python -m agencykit.certifying init|issue|rotate|revoke|show|check --folder DIR …`.

The folder holds the authority's key; whoever reads it is anybody. Exit code 0, 1 where it cannot be done, 2 for bad
usage. What is shown comes as JSON lines.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from agencykit.certifying import acts, denied
from agencykit.certifying.shown import shown
from agencykit.certifying.terms import WARNING_DAYS, out_of_force
from agencykit.identity import Identity, IdentityError
from agencykit.pki import LEAF_DAYS, file_name
from agencykit.runtime.real import SystemClock


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    given = _arguments(arguments)
    try:
        for line in _DEEDS[given.deed](given):
            print(line)
    except (acts.Impossible, IdentityError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _init(given: argparse.Namespace) -> list[str]:
    made = acts.init(given.folder, given.district).certificate
    denied.create(_denied_file(given))
    return [f"{given.folder / 'ca.pem'}: authority of {given.district}, until {made.not_valid_after_utc:%Y-%m-%d}"]


def _issue(given: argparse.Namespace) -> list[str]:
    files = acts.issue(
        given.folder, given.district, given.identity, given.days, signing=given.signing, dns_names=given.dns
    )
    return [str(file) for file in files]


def _rotate(given: argparse.Namespace) -> list[str]:
    if given.signing:
        return _rotate_signing(given)
    former = acts.rotate(given.folder, given.district, given.identity, given.days, SystemClock().now())
    return [
        f"{path}: new certificate for {given.days} days; the former, serial {old.serial_number:x}, is in force until "
        f"{old.not_valid_after_utc:%Y-%m-%d} (revoke --serial shuts it out)"
        for path, old in zip(given.identity, former, strict=True)
    ]


def _rotate_signing(given: argparse.Namespace) -> list[str]:
    former = acts.rotate_signing(given.folder, given.district, given.identity, given.days, SystemClock().now())
    return [
        f"{path}: new signing key for {given.days} days, from the service's next start on; what the former, serial "
        f"{old.serial_number:x}, has signed holds"
        for path, old in zip(given.identity, former, strict=True)
    ]


def _revoke(given: argparse.Namespace) -> list[str]:
    now, file = SystemClock().now(), _denied_file(given)
    identities = [str(Identity.of_district(given.district, path)) for path in given.identity]
    if bool(identities) == bool(given.serial):
        raise acts.Impossible("name identities, or a serial number")
    denied.revoke(file, identities=identities, serial=given.serial, reason=given.reason, now=now)
    whom = identities or [given.serial]
    return [f"{each} is shut out by {file}; services follow within seconds" for each in whom]


def _show(given: argparse.Namespace) -> list[str]:
    found = shown(given.folder, _denied_file(given), SystemClock().now(), WARNING_DAYS)
    stems = {file_name(Identity.of_district(given.district, path)) for path in given.identity}
    wanted = [each for each in found if not stems or each.file.removesuffix(".pem").removesuffix("-signing") in stems]
    return [json.dumps(each.row, ensure_ascii=False) for each in wanted]


def _check(given: argparse.Namespace) -> list[str]:
    if flaw := out_of_force(given.cert.read_bytes(), SystemClock().now()):
        raise acts.Impossible(flaw)
    return []


_DEEDS = {"init": _init, "issue": _issue, "rotate": _rotate, "revoke": _revoke, "show": _show, "check": _check}


def _denied_file(given: argparse.Namespace) -> Path:
    file: Path = given.denied or given.folder / "denied.toml"
    return file


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m agencykit.certifying", description=(__doc__ or "").partition("\n")[0])
    deeds = parser.add_subparsers(dest="deed", required=True)
    made = {name: deeds.add_parser(name) for name in _DEEDS}
    made["check"].add_argument("--cert", type=Path, required=True, help="whether this one is in force")
    for name, each in made.items():
        if name == "check":
            continue
        each.add_argument("--folder", type=Path, required=True, help="holds ca.pem, ca.key and what is issued")
        each.add_argument("--district", default="ningbo", help="trust domain is <district>.clearance")
        each.add_argument("--denied", type=Path, help="who is shut out; denied.toml of the folder if not given")
        if name != "init":
            many = "+" if name in ("issue", "rotate") else "*"
            each.add_argument("identity", nargs=many, help="role or role/name")
    for name in ("issue", "rotate"):
        made[name].add_argument("--days", type=int, default=LEAF_DAYS, help="how long it lasts")
    made["issue"].add_argument("--signing", action="store_true", help="a signing pair too, whatever the role")
    made["rotate"].add_argument("--signing", action="store_true", help="the signing key in place of that for TLS")
    made["issue"].add_argument("--dns", action="append", default=[], help="further DNS name; may be repeated")
    made["revoke"].add_argument("--serial", default="", help="of one certificate, hexadecimal")
    made["revoke"].add_argument("--reason", required=True, help="why, kept in the file")
    given = parser.parse_args(arguments)
    if getattr(given, "days", 1) < 1:
        parser.error("--days must be at least 1")
    return given


if __name__ == "__main__":
    sys.exit(main())
