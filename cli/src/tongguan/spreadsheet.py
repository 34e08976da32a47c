"""Tables as CSV for spreadsheets, in which text from outside is text and never a formula.

A cell that begins as a formula does gets an apostrophe before it, as OWASP advises, also where it begins with a wide
form that Chinese input methods write. In columns of figures a number stays a number. Control characters are shown as
everywhere (`plain`): a file may be looked at on a terminal.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tongguan.plain import shown

# What makes Excel, WPS or LibreOffice take a cell for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?")
NOTHING = "-"
# Without it Excel takes a file for GBK on a Chinese machine, and names for noise.
BYTE_ORDER_MARK = "\ufeff"


def write_tables(tables: Iterable[Table], target: TextIO) -> None:
    """Each with its heading; several are told apart by an empty line and their titles."""
    # A spreadsheet that parts at semicolons or tabs would else take what follows one in a text for a cell of its own.
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    every = list(tables)
    for place, table in enumerate(every):
        if len(every) > 1:
            if place:
                target.write("\r\n")
            writer.writerow([cell(_plain(table.title or ""))])
        writer.writerow([cell(_plain(column.header)) for column in table.columns])
        figures = [column.justify == "right" for column in table.columns]
        for row in zip(*(column.cells for column in table.columns), strict=True):
            writer.writerow([cell(_plain(each), figure) for each, figure in zip(row, figures, strict=True)])


def cell(text: str, figure: bool = False) -> str:
    """The text as a cell holds it; `figure`: it stands in a column of figures."""
    harmless = text == NOTHING or (figure and NUMBER.fullmatch(text))
    return shown(text if harmless or not text.lstrip(" ").startswith(FORMULA) else f"'{text}")


def tables_in(renderable: RenderableType) -> Iterator[Table]:
    """The tables of what is printed for people."""
    if isinstance(renderable, Table):
        yield renderable
    elif isinstance(renderable, Group):
        for each in renderable.renderables:
            yield from tables_in(each)


def without_tables(renderable: RenderableType) -> Iterator[RenderableType]:
    """The rest of it."""
    if isinstance(renderable, Group):
        for each in renderable.renderables:
            yield from without_tables(each)
    elif not isinstance(renderable, Table):
        yield renderable


def _plain(content: RenderableType) -> str:
    return content.plain if isinstance(content, Text) else str(content)
