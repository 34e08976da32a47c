"""Reads list files: CSV with a header, TOML, or words; lines that begin with # are comments. Faults are gathered."""

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")


class ListsInvalid(Exception):
    """The lists cannot be used. `faults` names every one of them, with file and line."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class ListFile:
    """One list file, read whole. `faults` collects what is wrong with it; a wrong row is left out."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        self.path = path
        self._faults = faults
        self.readable = True
        try:
            self.content = path.read_bytes()
            self._text = self.content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self.content, self._text, self.readable = b"", "", False
            self.fault(0, getattr(error, "strerror", None) or "not UTF-8")

    def fault(self, line: int, what: str) -> None:
        self._faults.append(f"{self.path}:{line}: {what}" if line else f"{self.path}: {what}")

    def _lines(self) -> Iterator[tuple[int, str]]:
        numbered = enumerate(self._text.splitlines(), start=1)
        return ((number, line) for number, line in numbered if line.strip() and not line.startswith("#"))

    def words(self) -> Iterator[str]:
        """All words of the file."""
        return (word for _, line in self._lines() for word in line.split())

    def rows(self, columns: Sequence[str], read: Callable[[Mapping[str, str]], Value]) -> list[Value]:
        """`read` of each row below the header, which must be `columns`; its ValueError or KeyError is a fault."""
        lines = list(self._lines())
        if not self.readable:
            return []
        if not lines or next(csv.reader([lines[0][1]])) != list(columns):
            self.fault(lines[0][0] if lines else 0, f"the header must be {','.join(columns)}")
            return []
        values = []
        for number, line in lines[1:]:
            cells = next(csv.reader([line]))
            try:
                values.append(read(dict(zip(columns, cells, strict=True))))
            except (ValueError, KeyError, ArithmeticError) as error:
                self.fault(number, str(error) or type(error).__name__)
        return values

    def table(self, read: Callable[[Mapping[str, Any]], Value]) -> Value | None:
        """`read` of the file as TOML; None, and a fault, where that fails."""
        if not self.readable:
            return None
        try:
            return read(tomllib.loads(self._text))
        except (tomllib.TOMLDecodeError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            self.fault(0, f"{type(error).__name__}: {error}")
            return None
