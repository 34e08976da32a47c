"""Runs a command that is killed (SIGKILL) at a system call: right before it is carried out, or right after.

python dying_at.py --call sync --nth 3 --when before|after -- COMMAND…

Calls are counted, over all its threads, from the moment that SIGUSR1 comes. As strace would do it with `inject`, for
machines that have none: a seccomp filter stops the process at these calls alone, so that all others cost nothing.
"""

import argparse
import ctypes
import os
import platform
import signal
import sys
from collections.abc import Sequence

# By what they do; numbers of x86-64 and of ARM.
CALLS = {
    "sync": {"x86_64": (74, 75), "aarch64": (82, 83)},  # fsync, fdatasync: a commit
    "page": {"x86_64": (18, 296), "aarch64": (68, 70)},  # pwrite64, pwritev: pages of a database on their way
    "write": {"x86_64": (1, 20), "aarch64": (64, 66)},  # write, writev: lines of a log, a thread woken
    "send": {"x86_64": (44, 46), "aarch64": (206, 211)},  # sendto, sendmsg: a request, an answer
}
_TRACEME, _CONT, _SYSCALL, _SETOPTIONS = 0, 7, 24, 0x4200
_SYSGOOD, _FORK, _VFORK, _CLONE, _EXEC, _SECCOMP, _EXITKILL = 1, 2, 4, 8, 0x10, 0x80, 0x100000
_SECCOMP_STOP, _CALL_STOP = 7, signal.SIGTRAP | 0x80
_ALL_THREADS = 0x40000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN, _STOP_THERE, _GO_ON = 0x20, 0x15, 0x06, 0x7FF00000, 0x7FFF0000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(_Instruction)))


def _must(answer: int) -> None:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _ptrace(request: int, pid: int, data: int = 0) -> None:
    """A process that has just been killed cannot be told anything any more."""
    if _libc.ptrace(request, pid, None, data) < 0 and ctypes.get_errno() != 3:
        _must(-1)


def _stop_at(numbers: Sequence[int]) -> None:
    """From now on this process, and what it becomes, stops before these calls."""
    steps = [_Instruction(_LOAD, 0, 0, 0)]
    for place, number in enumerate(numbers):
        steps.append(_Instruction(_EQUAL, len(numbers) - place, 0, number))
    steps += [_Instruction(_RETURN, 0, 0, _GO_ON), _Instruction(_RETURN, 0, 0, _STOP_THERE)]
    program = _Program(len(steps), (_Instruction * len(steps))(*steps))
    _must(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _must(_libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0))


class Doom:
    """One process that will die."""

    def __init__(self, numbers: Sequence[int], nth: int, after: bool) -> None:
        self._numbers, self._left, self._after = numbers, nth, after
        self._armed, self._pid = False, 0
        # Threads that have been told of but have not stopped for the first time.
        self._known: set[int] = set()

    def run(self, command: Sequence[str]) -> int:
        """Its exit status, as a shell has it."""
        self._pid = os.fork()
        if not self._pid:
            _must(_libc.ptrace(_TRACEME, 0, None, None))
            os.kill(os.getpid(), signal.SIGSTOP)
            _stop_at(self._numbers)
            os.execvp(command[0], command)
        os.waitpid(self._pid, _ALL_THREADS)
        _ptrace(_SETOPTIONS, self._pid, _SYSGOOD | _FORK | _VFORK | _CLONE | _EXEC | _SECCOMP | _EXITKILL)
        signal.signal(signal.SIGUSR1, self._arm)
        signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(self._pid, number))
        self._known = {self._pid}
        _ptrace(_CONT, self._pid)
        return self._watch()

    def _arm(self, *_: object) -> None:
        self._armed = True

    def _watch(self) -> int:
        while True:
            pid, status = os.waitpid(-1, _ALL_THREADS)
            if os.WIFSTOPPED(status):
                self._stopped(pid, os.WSTOPSIG(status), status >> 16)
            elif pid == self._pid:
                return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def _stopped(self, pid: int, number: int, event: int) -> None:
        if event == _SECCOMP_STOP and self._armed:
            self._left -= 1
            if self._left == 0:
                # Only its end tells when the call has been carried out.
                _ptrace(_SYSCALL, pid) if self._after else os.kill(self._pid, signal.SIGKILL)
                return
        if number == _CALL_STOP:
            os.kill(self._pid, signal.SIGKILL)
            return
        first = pid not in self._known
        self._known.add(pid)
        ours = event or number == signal.SIGTRAP or (first and number == signal.SIGSTOP)
        _ptrace(_CONT, pid, 0 if ours else number)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--call", choices=CALLS, required=True)
    parser.add_argument("--nth", type=int, required=True)
    parser.add_argument("--when", choices=("before", "after"), required=True)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    numbers = CALLS[given.call][platform.machine()]
    return Doom(numbers, given.nth, given.when == "after").run(given.command)


if __name__ == "__main__":
    sys.exit(main())
