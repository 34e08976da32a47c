"""Where words go: results to standard output, the rest to standard error.

With --json there is nothing but JSON Lines on standard output, with --csv nothing but tables (spreadsheet).

Colour and bars only on a terminal; NO_COLOR is honoured (by rich).
"""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tongguan.plain import escaped

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.rpc.status_pb2 import Status
    from rich.console import Console, RenderableType

    from tongguan.failures import Failure

WIDTH_OFF_TERMINAL = 160  # a file has no width; rich would cut tables at 80


class Output:
    """What a command prints with. `json_lines` is the user's --json, `csv` his --csv."""

    def __init__(self, json_lines: bool = False, csv: bool = False) -> None:
        self.json_lines, self.csv = json_lines, csv
        self._begun = False
        self._consoles: dict[bool, Console] = {}

    def console(self, error: bool = False) -> "Console":
        """The console of standard output or standard error, made on first use; with --csv it is always the latter."""
        error = error or self.csv
        if error not in self._consoles:
            from tongguan.console import PlainConsole

            stream = sys.stderr if error else sys.stdout
            width = None if stream.isatty() or os.environ.get("COLUMNS") else WIDTH_OFF_TERMINAL
            self._consoles[error] = PlainConsole(file=stream, width=width)
        return self._consoles[error]

    def show(self, *renderables: "RenderableType") -> None:
        """A result for people; with --json it is left out, for the lines say the same."""
        if self.csv:
            self._tables(renderables)
        elif not self.json_lines:
            for each in renderables:
                # A line of text is one line, so that it can be searched for; a table is fitted to the terminal.
                self.console().print(each, soft_wrap=isinstance(each, str))

    def _tables(self, renderables: Sequence["RenderableType"]) -> None:
        """Tables as CSV, a file or pipe with the mark of UTF-8 first; what else is said goes to standard error."""
        from tongguan.spreadsheet import BYTE_ORDER_MARK, tables_in, without_tables, write_tables

        tables = [table for each in renderables for table in tables_in(each)]
        if tables:
            text = io.StringIO(newline="")
            write_tables(tables, text)
            mark = "" if sys.stdout.isatty() else BYTE_ORDER_MARK
            # As bytes: a Windows terminal's or a C locale's own encoding would change them.
            before = "\r\n" if self._begun else mark
            sys.stdout.flush()
            sys.stdout.buffer.write(f"{before}{text.getvalue()}".encode())
            sys.stdout.flush()
            self._begun = True
        for rest in (part for each in renderables for part in without_tables(each) if part):
            self.console(error=True).print(rest, soft_wrap=isinstance(rest, str))

    def note(self, text: str, style: str = "") -> None:
        """A word on how it goes, on standard error."""
        self.console(error=True).print(text, style=style or None, soft_wrap=True)

    def item(self, resource: "Message") -> None:
        """One resource, as a JSON line; only with --json."""
        if self.json_lines:
            from google.protobuf.json_format import MessageToDict

            self.line(MessageToDict(resource))

    def line(self, value: Mapping[str, Any]) -> None:
        """One JSON line; only with --json."""
        if self.json_lines:
            print(escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":"))), flush=True)

    def error(self, status: "Status", line: int | None = None) -> None:
        """One refused item, as a JSON line with the line of the file it stood in; only with --json."""
        if self.json_lines:
            from tongguan.statuses import to_json

            place = {} if line is None else {"line": line}
            self.line({"error": to_json(status)} | place)

    def failure(self, failure: "Failure") -> None:
        """Why the command ends, in one line that says what to do; with --json also as a JSON line."""
        if self.json_lines:
            from tongguan.statuses import of_failure

            self.error(of_failure(failure))
        for detail in failure.details:
            self.note(detail)
        advice = f" — {failure.advice}" if failure.advice else ""
        self.note(f"tongguan: {failure.message}{advice}", style="red")
