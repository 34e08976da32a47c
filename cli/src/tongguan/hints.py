"""Commands as the user would type them again: the same program, the same state folder."""

import os
import shlex
import sys
from pathlib import Path

from tongguan.stack.layout import DEFAULT_STATE, layout_of


def again(state: Path, *arguments: str) -> str:
    """`.venv/bin/tongguan trace 3100… --state DIR`, with --state only where the command would not find it by itself."""
    words = [_program(), *arguments]
    if layout_of(DEFAULT_STATE).folder != state.absolute():
        words += ["--state", _short(state)]
    return shlex.join(words)


def _program() -> str:
    """As it was called: by name where the shell finds it, else by path."""
    called = Path(sys.argv[0])
    if called.name != "tongguan":
        return "tongguan"
    on_path = any(Path(folder, "tongguan") == called for folder in os.get_exec_path())
    return "tongguan" if on_path else _short(called)


def _short(path: Path) -> str:
    """Relative to here where it lies below."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
