"""What operations need of a log."""

from typing import Protocol


class Log(Protocol):
    """Fields are held against the kit's allow-list; `error` takes an exception, of which only the type is told."""

    def info(self, event: str, **fields: object) -> None:
        """Something worth knowing."""
        ...

    def warning(self, event: str, **fields: object) -> None:
        """Something to look at when there is time."""
        ...

    def error(self, event: str, **fields: object) -> None:
        """Something to look at now."""
        ...
