"""What border's database and tables know about one consignment."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Formalities:
    """What border asks of the conveyances of one mode. Zero notice means that any announcement is in time."""

    arrival_notice: timedelta = timedelta(0)
    arrival_application: timedelta = timedelta(0)
    departure_notice: timedelta = timedelta(0)
    entry_term: timedelta = timedelta(0)
    """Within how long after arrival entry formalities are to be completed; zero means that none are due."""
    crew_list: bool = False
    permit: bool = False
    inspection: bool = False
    """Whether nobody boards and nothing is unloaded before the conveyance is inspected."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A call as its carrier announced it."""

    announce_time: datetime
    expected_time: datetime
    dangerous_goods: frozenset[str] = frozenset()
    """Bare UN numbers announced."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit of entry or exit."""

    grant_time: datetime
    revoked: bool = False
    sail_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryFormalities:
    """A conveyance that has come, and when its entry formalities were completed."""

    arrive_time: datetime
    complete_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry of the watch list that was met, either exactly or by a number that only looks alike."""

    entry_id: str
    exact: bool


@dataclass(slots=True)
class Facts:
    """All that the rules may know beside the consignment; `nothing is known` is the default of each."""

    formalities: Formalities = Formalities()
    nationality_known: bool = True
    """False where the conveyance's nationality is declared and in no list of countries."""
    announcement: Announcement | None = None
    crew_listed: bool = False
    permit: Permit | None = None
    conveyance_hits: tuple[Hit, ...] = ()
    party_hits: tuple[Hit, ...] = ()
    crew_hits: tuple[Hit, ...] = ()
    """Cases of crew members that no officer has cleared."""
    passenger_hits: tuple[Hit, ...] = ()
    inspected: bool | None = None
    """Whether the conveyance passed its inspection on arrival; None where it was not inspected."""
    entry: EntryFormalities | None = None
    """None where nothing says that the conveyance has come."""
