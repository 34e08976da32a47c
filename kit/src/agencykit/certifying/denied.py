"""The list of who is shut out, as a file: `denied_file` of every service (`agencykit.rpc.denied`)."""

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agencykit.certifying.acts import Impossible
from agencykit.identity import Identity

# Before each reason: since when.
_MOMENT = "%Y-%m-%dT%H:%MZ"
_HEAD = (
    "# Who is shut out at once, by name or by a certificate's serial number. Services read it anew when it changes.\n"
)


def revoke(file: Path, *, identities: Sequence[str] = (), serial: str = "", reason: str, now: datetime) -> None:
    """Adds identities, or one serial number, with the reason; all or none. What stands in the file stays."""
    entries = _entries(file)
    try:
        kind, values = ("identities", list(dict.fromkeys(identities))) if identities else ("serials", [_serial(serial)])
    except ValueError:
        raise Impossible("name an identity, or a serial number in hexadecimal") from None
    if not reason.isprintable():
        raise Impossible("the reason must be one line of printable text")
    for value in values:
        if value in entries[kind]:
            raise Impossible(f"{value} is shut out already")
        entries[kind][value] = f"{now:{_MOMENT}} {reason}"
    _write(file, entries)


def read_denied(file: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Identities and serial numbers of such a file. Raises OSError, ValueError or TypeError.

    Whatever would shut nobody out is a fault, so that nobody believes that somebody is out who is in.
    """
    named = tomllib.loads(file.read_text("utf-8"))
    if unknown := sorted(named.keys() - {"identities", "serials", "reasons"}):
        raise ValueError(f"it has no {', '.join(unknown)}, but identities, serials and reasons")
    identities, serials = named.get("identities", []), named.get("serials", [])
    for each in (identities, serials):
        if not isinstance(each, list) or not all(isinstance(entry, str) for entry in each):
            raise TypeError("identities and serials are lists of texts")
    if not isinstance(named.get("reasons", {}), dict):
        raise TypeError("reasons is a table")
    return frozenset(str(Identity.parse(each)) for each in identities), frozenset(map(_serial, serials))


def read_since(file: Path) -> dict[str, datetime]:
    """Name or serial number -> since when it is shut out, as `revoke` wrote it; of others 1970: since ever."""
    identities, serials = read_denied(file)
    reasons = tomllib.loads(file.read_text("utf-8")).get("reasons", {})
    # Whoever wrote a list by hand may have written a serial number as openssl prints it.
    said = {_folded(each): str(reason) for each, reason in reasons.items()}
    return {each: _since(said.get(each, "")) for each in identities | serials}


def _folded(name: str) -> str:
    try:
        return _serial(name)
    except ValueError:
        return name


def _since(reason: str) -> datetime:
    try:
        return datetime.strptime(reason.partition(" ")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def create(file: Path) -> None:
    """An empty list where there is none, so that services can be told of it before anybody is shut out."""
    if not file.exists():
        _write(file, {"identities": {}, "serials": {}})


def _serial(text: str) -> str:
    """A serial number as certificates are compared; openssl prints `5F:0A`, or `5F0A`. ValueError."""
    digits = text.strip().replace(":", "")
    if not re.fullmatch("[0-9A-Fa-f]+", digits):
        raise ValueError(f"{text!r} is no serial number in hexadecimal")
    return f"{int(digits, 16):x}"


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
