"""Terms that end after a moment which somebody reported."""

from datetime import datetime, timedelta


def end_of(begin: datetime, term: timedelta) -> datetime:
    """When a term ends; the calendar's last moment where that would be later."""
    last = datetime.max.replace(tzinfo=begin.tzinfo)
    return begin + term if begin <= last - term else last
