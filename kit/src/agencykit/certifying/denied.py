"""The list of who is shut out, as a file: `denied_file` of every service (`agencykit.rpc.denied`)."""

import json
import tomllib
from datetime import datetime
from pathlib import Path

from agencykit.certifying.acts import Impossible

_HEAD = (
    "# Who is shut out at once, by name or by a certificate's serial number. Services read it anew when it changes.\n"
)


def revoke(file: Path, *, identity: str = "", serial: str = "", reason: str, now: datetime) -> None:
    """Adds one entry with its reason; the file appears whole or not at all. What stands in it stays."""
    entries = _entries(file)
    kind, value = ("identities", identity) if identity else ("serials", serial.lower().lstrip("0"))
    if not value or (kind == "serials" and not all(digit in "0123456789abcdef" for digit in value)):
        raise Impossible("name an identity, or a serial number in hexadecimal")
    if not reason.isprintable():
        raise Impossible("the reason must be one line of printable text")
    if value in entries[kind]:
        raise Impossible(f"{value} is shut out already")
    entries[kind][value] = f"{now:%Y-%m-%dT%H:%MZ} {reason}"
    _write(file, entries)


def read_denied(file: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Identities and serial numbers of such a file. Raises OSError, ValueError or TypeError."""
    named = tomllib.loads(file.read_text("utf-8"))
    identities, serials = named.get("identities", []), named.get("serials", [])
    if not all(isinstance(each, str) for each in (*identities, *serials)):
        raise TypeError("identities and serials are lists of texts")
    return frozenset(identities), frozenset(serial.lower().lstrip("0") for serial in serials)


def create(file: Path) -> None:
    """An empty list where there is none, so that services can be told of it before anybody is shut out."""
    if not file.exists():
        _write(file, {"identities": {}, "serials": {}})


def _entries(file: Path) -> dict[str, dict[str, str]]:
    """Kind -> what is shut out -> why."""
    if not file.exists():
        return {"identities": {}, "serials": {}}
    try:
        identities, serials = read_denied(file)
        reasons = tomllib.loads(file.read_text("utf-8")).get("reasons", {})
    except (OSError, ValueError, TypeError) as error:
        raise Impossible(
            f"{file} cannot be read: {error}; mend it first, or services keep what they last read"
        ) from None
    named = {"identities": identities, "serials": serials}
    return {kind: {each: str(reasons.get(each, "")) for each in sorted(found)} for kind, found in named.items()}


def _write(file: Path, entries: dict[str, dict[str, str]]) -> None:
    lists = [f"{kind} = {json.dumps(list(values), ensure_ascii=False)}\n" for kind, values in entries.items()]
    why = {each: reason for values in entries.values() for each, reason in values.items()}
    reasons = [
        "\n[reasons]\n",
        *(f"{json.dumps(each)} = {json.dumps(text, ensure_ascii=False)}\n" for each, text in why.items()),
    ]
    beside = file.with_name(f".{file.name}.new")
    beside.write_text("".join([_HEAD, *lists, *reasons]), "utf-8")
    beside.replace(file)
