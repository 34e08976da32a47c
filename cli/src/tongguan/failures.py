"""How the command line fails: an exit code, one line that says what happened, and one that says what to do.

Failure
├── Refused        exit 1   a service or an item was refused, or an act failed
├── Misused        exit 2   the command cannot be understood
├── Unavailable    exit 3   nobody answers
└── NotPermitted   exit 4   the identity may not do this
"""

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from google.rpc.status_pb2 import Status


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNAVAILABLE = 3
    NOT_PERMITTED = 4
    INTERRUPTED = 130


def combined(exits: Collection[Exit]) -> Exit:
    """The exit code of several items, those that went well included: what all have in common, or else 1."""
    kinds = set(exits) or {Exit.OK}
    return kinds.pop() if len(kinds) == 1 else Exit.FAILED


class Failure(Exception):
    """Ends a command. `advice` says what to do; `status` is the service's own answer where one came.

    `details` are lines for people that go before: the end of a log.
    """

    exit: ClassVar[Exit] = Exit.FAILED

    def __init__(
        self, message: str, advice: str = "", status: "Status | None" = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.status = status
        self.details = tuple(details)


class Refused(Failure):
    """A service refused, or an act failed."""


class Misused(Failure):
    """The command as given makes no sense."""

    exit = Exit.USAGE


class Unavailable(Failure):
    """Nobody answers."""

    exit = Exit.UNAVAILABLE


class NotPermitted(Failure):
    """The identity used may not do this."""

    exit = Exit.NOT_PERMITTED
