"""Risk selection looked at: figures of a span, and a profile tried on it. Both only read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agencykit.storage.times import from_micros
from customs.domain.calendar import day_in_china
from customs.domain.reference import Reference
from customs.domain.risk.backtest import Backtest
from customs.domain.risk.draws import secret_of_day
from customs.domain.risk.figures import Figures, figures
from customs.domain.risk.profile import Profile
from customs.domain.risk.snapshot import PERIOD_SECONDS, period_of
from customs.storage import risk, risk_past, risk_report
from customs.storage.risk_profile import parse_profile
from customs.storage.risk_report import Span

MOST_CLEARANCES = 100_000
PERIOD_MICROS = PERIOD_SECONDS * 1_000_000


class TooMany(Exception):
    """The span holds more consignments than a back-test takes."""


@dataclass(frozen=True, slots=True)
class Report:
    """Selection over a span, under the profile in force."""

    span: Span
    profile: Profile
    declared: int
    inspected: int
    found: int
    strata: list[Figures]


@dataclass(frozen=True, slots=True)
class Trial:
    """A back-test with its figures. `other_lists`: decided by other published lists than those in force."""

    run: Backtest
    strata: list[Figures]
    other_lists: int


def report(connection: Connection, span: Span, now: datetime) -> Report:
    """Figures of the consignments first accepted in the span; the throttle as it is now."""
    _, profile = risk.profiles(connection)[0]
    declared = risk_report.declared(connection, span)
    inspected, found = risk_report.inspected(connection, span, PERIOD_MICROS)
    end = period_of(now)
    recent = risk.counted(connection, end - profile.window_periods, end)
    strata = figures(profile, risk_report.strata(connection, span), declared, recent)
    return Report(span, profile, declared, inspected, found, strata)


def backtest(connection: Connection, content: str, span: Span, reference: Reference, read: risk_past.Read) -> Trial:
    """Runs the profile of that text over the span. Raises ListsInvalid or TooMany."""
    profile = parse_profile(content)
    secret = risk.secret(connection)

    def key_of(period: int) -> bytes:
        return secret_of_day(secret, day_in_china(from_micros(period * PERIOD_MICROS)))

    wanted = risk_past.numbers(connection, span, PERIOD_MICROS, MOST_CLEARANCES)
    if len(wanted) > MOST_CLEARANCES:
        raise TooMany
    run, other_lists = Backtest(profile, key_of), 0
    for past, other in risk_past.past(connection, wanted, reference, read):
        run.run(past)
        other_lists += other
    recent = run.recent(span[1])
    return Trial(run, figures(profile, run.counted, run.declared, recent), other_lists)
