"""State folders of runs: one each, and a note which is the newest."""

import time
from pathlib import Path

from tongguan.endpoints import write_atomically
from tongguan.stack.layout import LATEST, Layout


def new_run(state: Path) -> Layout:
    """A folder of its own for a new run inside `state`, which from now on is found as the newest."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"run-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (stem if count == 1 else f"{stem}-{count}" for count in range(1, 1000))
    folder = next(folder for name in names if _made(folder := state.absolute() / name))
    write_atomically(state.absolute() / LATEST, f"{folder.name}\n")
    return Layout(folder)


def _made(folder: Path) -> bool:
    """False when another run of the same second has it."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True
