"""Runs a service on a disk that fails on demand: `python failing_disk.py SERVICE`; SWITCH names the file that tells.

SQLite reaches the disk through a table of functions (its VFS). Here it gets one that does the same, but while the
switch says `full`, writes end as on a full disk, and while it says `sync`, each fsync ends as on a failing one: which
needs no rights, no compiler and no tool. All else of the process is as it is.
"""

import ctypes
import os
import runpy
import sqlite3
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path
from typing import Any

SWITCH = "TONGGUAN_TEST_DISK"
SQLITE_FULL, SQLITE_IOERR_FSYNC = 13, 1034

WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)


class Methods(Structure):
    """sqlite3_io_methods, as far as it is looked at; what follows is copied as it is."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    ]


class Vfs(Structure):
    """sqlite3_vfs up to xOpen, and the rest as it is."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 15),
    ]


class File(Structure):
    """sqlite3_file."""

    _fields_ = [("methods", POINTER(Methods))]


def _sqlite() -> Any:
    """The library that Python's sqlite3 uses, wherever it lies: loaded already, or part of the module."""
    sqlite3.connect(":memory:").close()
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "sqlite3" in line}
    return next(found for name in mapped if hasattr(found := ctypes.CDLL(name), "sqlite3_vfs_find"))


def install(switch: Path) -> list[Any]:
    """Makes it the disk of this process; returns what must live as long."""
    library = _sqlite()
    library.sqlite3_vfs_find.restype = POINTER(Vfs)
    real = library.sqlite3_vfs_find(None)
    kept: list[Any] = [library]
    copies: dict[int, Any] = {}

    def says(word: str) -> bool:
        try:
            return os.readlink(switch) == word
        except OSError:
            return False

    def failing(methods: Methods) -> Methods:
        copy = Methods.from_buffer_copy(methods)
        write, sync = WRITE(methods.write), SYNC(methods.sync)
        own_write = WRITE(
            lambda file, content, amount, at: SQLITE_FULL if says("full") else write(file, content, amount, at)
        )
        own_sync = SYNC(lambda *given: SQLITE_IOERR_FSYNC if says("sync") else sync(*given))
        copy.write, copy.sync = cast(own_write, c_void_p), cast(own_sync, c_void_p)
        kept.extend([copy, write, sync, own_write, own_sync])
        return copy

    real_open = OPEN(real.contents.open)

    def opened(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        found = int(real_open(cast(real, c_void_p), name, file, flags, out))
        pointer = cast(file, POINTER(File)).contents
        if found == 0 and pointer.methods:
            address = ctypes.addressof(pointer.methods.contents)
            if address not in copies:
                copies[address] = failing(pointer.methods.contents)
            pointer.methods = ctypes.pointer(copies[address])
        return found

    own_open = OPEN(opened)
    mine = Vfs.from_buffer_copy(real.contents)
    mine.name, mine.open = b"failing", cast(own_open, c_void_p)
    library.sqlite3_vfs_register(byref(mine), 1)
    kept += [mine, real_open, own_open, copies]
    return kept


if __name__ == "__main__":
    kept = install(Path(os.environ[SWITCH]))
    service = sys.argv[1]
    sys.argv[:] = [service]
    runpy.run_module(service, run_name="__main__", alter_sys=True)
