"""The moment a file is made for: `--as-of`, so that the same command gives the same bytes again."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from tongguan.failures import Misused


def parse_as_of(text: str) -> datetime:
    """An aware time in UTC from ISO 8601; without an offset UTC is meant."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("not a time such as 2026-03-02T08:00:00Z") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def this_hour() -> datetime:
    """Now, truncated to the hour."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def slot_begin(text: str) -> datetime:
    """A time as written, or the whole hour that so many hours from now lie in (`+3`); raises Misused."""
    return from_now(text, "--from", this_hour())


def from_now(text: str, option: str, now: datetime | None = None) -> datetime:
    """A time as written, or so many hours from now (`+1.5`); raises Misused."""
    try:
        if text.startswith("+"):
            return (now or datetime.now(UTC)) + timedelta(hours=float(text[1:]))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise Misused(f"{option} {text}: not a time", "write 2026-11-23T08:00Z, or +3 for three hours on") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", metavar="TIME", parser=parse_as_of, help="Moment to which times relate; this hour."),
]
