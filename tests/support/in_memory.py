"""Folders in memory, for databases that outlive a simulated process and no real one: nothing there waits for a disk."""

import os
from pathlib import Path

_MEMORY, _LEAST_BYTES = Path("/dev/shm"), 2 * 2**30


def memory() -> Path | None:
    """Where folders lie in memory; None where this machine has no room for that: they lie on disk then."""
    try:
        found = os.statvfs(_MEMORY)
    except OSError:
        return None
    roomy = found.f_bavail * found.f_frsize >= _LEAST_BYTES
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else None
