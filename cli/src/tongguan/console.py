"""A console on which text from outside is only text: no markup, no emoji codes, no commands to the terminal.

Names and descriptions come from brokers, other districts' gateways and files. Whatever of them a terminal would obey is
shown as the picture of its character instead (U+241B for escape), in the one place through
which tables and texts are written; lines of JSON say the same by escapes (tongguan.plain).
"""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from tongguan.plain import COMMANDS, shown


class PlainConsole(Console):
    """See the module."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, soft_wrap=False, markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich renders it, with commands shown."""
        for segment in super().render(renderable, options):
            if segment.control or COMMANDS.search(segment.text) is None:
                yield segment
            else:
                yield Segment(shown(segment.text), segment.style)
