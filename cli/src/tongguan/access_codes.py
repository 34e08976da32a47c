"""Files of guarantees with their access codes: a line each, GRN and code. Such a file is for its owner alone."""

import os
from collections.abc import Iterable
from pathlib import Path

from tongguan.failures import Misused, Refused

_OWNER_ONLY = 0o600


def read_access_codes(file: Path) -> list[tuple[str, str]]:
    """(GRN, access code) of each line, the code empty where there is none; raises Misused."""
    try:
        lines = [line.split() for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{file}: {type(error).__name__}", "give a text file") from error
    wrong = [number for number, words in enumerate(lines, 1) if len(words) not in (1, 2)]
    if wrong:
        raise Misused(f"{file}: line {wrong[0]} is not GRN and access code", "write one guarantee a line")
    return [(words[0], words[1] if len(words) == 2 else "") for words in lines]


def write_access_codes(file: Path, codes: Iterable[tuple[str, str]]) -> None:
    """Writes such a file, readable by its owner alone even where it was there before; raises Refused."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            os.fchmod(handle, _OWNER_ONLY)
            opened.writelines(f"{grn} {code}\n" for grn, code in codes)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}", "name another file") from error
