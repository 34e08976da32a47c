"""Verifies the exported evidence of a clearance, offline: `python -m agencykit.evidence FILE --ca FILE`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from google.protobuf.json_format import Parse, ParseError

from agencykit.certifying.denied import read_since
from agencykit.evidence.clearance import verify_clearance
from clearance.common.v1.evidence_pb2 import ClearanceEvidence

MOST_BYTES = 256 * 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 0, 1 where something does not hold, 2 where a file cannot be read."""
    parser = argparse.ArgumentParser("python -m agencykit.evidence", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("file", type=Path, help="as `tongguan evidence export` wrote it")
    add_authorities(parser)
    add_revoked(parser)
    given = parser.parse_args(arguments)
    try:
        evidence = _read(given.file)
        authorities = read_authorities(given.ca, evidence.district)
        revoked = {name: since for file in given.revoked for name, since in read_since(file).items()}
    except (OSError, ValueError, TypeError, ParseError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    found = verify_clearance(evidence, authorities, revoked)
    for line in found.sound:
        print(f"holds: {plain(line)}")
    for line in found.revoked:
        print(f"revoked: {plain(line)}")
    for line in found.faults:
        print(f"does not hold: {plain(line)}")
    print(f"{plain(evidence.clearance_number)}: {'does not hold' if found.faults else 'holds'}")
    return 1 if found.faults else 0


def add_authorities(parser: argparse.ArgumentParser) -> None:
    """`--ca`: whom the reader trusts."""
    advice = "a district's authorities (PEM), from a hand you trust; without a name those of the file's own; repeated"
    parser.add_argument("--ca", action="append", required=True, metavar="[DISTRICT=]FILE", help=advice)


def add_revoked(parser: argparse.ArgumentParser) -> None:
    """`--revoked`: who was shut out since."""
    advice = "who is shut out, as a service's denied_file says it; what was countersigned before still holds; repeated"
    parser.add_argument("--revoked", action="append", type=Path, default=[], metavar="FILE", help=advice)


def read_authorities(given: Sequence[str], own: str) -> dict[str, list[x509.Certificate]]:
    """By district: an authority vouches for its own district's parties and for nobody else."""
    found: dict[str, list[x509.Certificate]] = {}
    for each in given:
        district, _, file = each.rpartition("=")
        found.setdefault(district or own, []).extend(x509.load_pem_x509_certificates(Path(file).read_bytes()))
    return found


def plain(text: str) -> str:
    """Text of a file that anybody may have written, harmless for a terminal."""
    return "".join([each if each.isprintable() else "?" for each in text])


def _read(file: Path) -> ClearanceEvidence:
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file} is too large")
    return Parse(file.read_text("utf-8"), ClearanceEvidence())


if __name__ == "__main__":
    sys.exit(main())
