"""Working time: when a term of working hours or days ends, in a district's own time of day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from gateway.domain.identifiers import Micros

MINUTE = 60_000_000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WorkTime:
    """`opens` and `closes` are minutes of the day; at least one weekday (1: Monday) is worked on."""

    offset_minutes: int
    weekdays: frozenset[int]
    opens: int
    closes: int
    # Days off, and days worked on in their stead (调休).
    holidays: frozenset[date] = field(default_factory=frozenset)
    extra: frozenset[date] = field(default_factory=frozenset)

    def works_on(self, day: date) -> bool:
        """Whether anybody works then."""
        return day in self.extra or (day.isoweekday() in self.weekdays and day not in self.holidays)

    def after_hours(self, start: Micros, hours: int) -> Micros:
        """When so many working hours have passed; what is outside working time does not count."""
        left, (day, minute) = hours * 60 * MINUTE, self._local(start)
        since = minute
        while True:
            if self.works_on(day):
                begin = max(since, self.opens * MINUTE)
                room = max(self.closes * MINUTE - begin, 0)
                if left <= room and room:
                    return self._moment(day, begin + left)
                left -= room
            day, since = day + timedelta(days=1), 0

    def after_days(self, start: Micros, days: int) -> Micros:
        """The close of the so-manieth working day after that of `start`."""
        day, _ = self._local(start)
        while days:
            day += timedelta(days=1)
            days -= self.works_on(day)
        return self._moment(day, self.closes * MINUTE)

    def month(self, moment: Micros) -> str:
        """`2004-11`."""
        return self._local(moment)[0].isoformat()[:7]

    def _local(self, moment: Micros) -> tuple[date, Micros]:
        """The day, and how far it is gone."""
        days, since = divmod(moment + self.offset_minutes * MINUTE, 24 * 60 * MINUTE)
        return (_BEGINNING + timedelta(days=days)).date(), since

    def _moment(self, day: date, since: Micros) -> Micros:
        days = (day - _BEGINNING.date()).days
        return days * 24 * 60 * MINUTE + since - self.offset_minutes * MINUTE
