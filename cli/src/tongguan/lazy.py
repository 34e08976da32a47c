"""Commands whose modules are read only when they are used, so that `tongguan --help` answers at once."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# Command -> (module, function, line for the list of commands).
LAZY = {
    "sample": ("tongguan.sample.command", "sample", "Print a realistic file for `submit`."),
    "convert": (
        "tongguan.convert.command",
        "convert",
        "Turn declarations of other systems into such a file, or into movements.",
    ),
}


class LazyGroup(TyperGroup):
    """Puts the real command in place of its stand-in when it is asked for by name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in LAZY:
            module, function, _line = LAZY[args[0]]
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(args[0])(getattr(import_module(module), function))
            self.commands[args[0]] = typer.main.get_command(alone)
        return super().resolve_command(ctx, args)


def register_stand_ins(app: typer.Typer) -> None:
    """Names the lazy commands in the list of commands."""
    for name, (_module, _function, line) in LAZY.items():
        app.command(name, help=line)(_stand_in)


def _stand_in() -> None:
    """Never runs: resolve_command puts the real one in its place first."""
