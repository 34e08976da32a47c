"""Risk selection in the life of a decision: what it knows beforehand, what it keeps, and officers' results; and what
guarantees stand for the clearance, what the scheme for them grants, and what was paid for it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from agencykit.agency import FactKey, Holder, WorkDone
from agencykit.rules import Outcome, Verdict
from agencykit.runtime import Runtime
from agencykit.storage import from_micros, to_micros
from customs.domain.benefits import settle
from customs.domain.calendar import day_in_china
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import scheme_of
from customs.domain.facts import Facts
from customs.domain.guarantees.account import UseKey
from customs.domain.guarantees.by_scheme import begins, granted
from customs.domain.risk.draws import secret_of_day
from customs.domain.risk.matching import Matcher
from customs.domain.risk.selection import Risk, Station
from customs.domain.risk.snapshot import period_of
from customs.domain.rules.risk import BLUE_RULE, RED_RULE, YELLOW_RULE
from customs.domain.schemes import Effect
from customs.storage import covers, payments, standings
from customs.storage import risk as rows
from customs.storage.guarantees import standing_for_scheme
from customs.storage.risk_profile import parse_profile

SECRET_BYTES = 32
STATIONS_KEPT = 256
RULES = frozenset({RED_RULE, YELLOW_RULE, BLUE_RULE})


@dataclass
class Selecting:
    """One replica's, and customs' ledger (agencykit.agency.CaseLedger).

    What is read once and never changes is kept in memory; profiles are read again every hour.
    """

    content: str
    """The profile that is to be in force, as text."""
    log: str
    district: str
    runtime: Runtime
    read: Callable[[bytes], ConsignmentView]
    _secret: bytes = field(default=b"", repr=False)
    _profiles: list[tuple[datetime, Matcher]] = field(default_factory=list, repr=False)
    _stations: dict[tuple[str, int], Station] = field(default_factory=dict, repr=False)

    def open(self, connection: Connection, now: datetime) -> None:
        """`open` of customs: secret and profile stand in the database before anything is decided."""
        self._secret = rows.keep_secret(connection, self.runtime.randomness.bytes(SECRET_BYTES))
        rows.keep_profile(connection, self.content, parse_profile(self.content).edition, now)
        self._read_profiles(connection)

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """Gives each its Risk; consignments met before keep their marks and the hour in which they first came, and
        are told what guarantees stand for them and what was paid. What a scheme grants is told to all.
        """
        again = [one.clearance_number for one in holders if one.known]
        first, marked = rows.first_accepted(connection, again), rows.standing_marks(connection, again)
        stood = standings.before(connection, [(period_of(begun), number) for number, (_, begun) in first.items()])
        covered, paid = covers.standing_for(connection, self.district, again), payments.paid(connection, again)
        self._grant(connection, holders, now)
        taken: dict[tuple[str, int], Station] = {}
        shared: dict[int, Risk] = {}
        for holder in holders:
            number = holder.clearance_number
            version, begun = first.get(number, (holder.version, holder.accept_time))
            station = self._station(connection, begun, taken)
            if holder.known:
                holder.facts.risk = Risk(station, marked.get(number, {}), version == holder.version)
                holder.facts.stood = stood.get(number, {})
                holder.facts.cover = covered.get(number, 0)
                holder.facts.paid = paid.get(number, {})
                if version != holder.version:
                    holder.facts.first_accept_time = begun
            else:
                holder.facts.risk = shared.get(id(station)) or shared.setdefault(id(station), Risk(station))

    def _grant(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """Guarantees by scheme, to the few who are entitled to them."""
        entitled = [one for one in holders if scheme_of(Effect.GUARANTEE, one.view, one.facts, one.accept_time)]
        standing = standing_for_scheme(connection, {one.view.trader_identifier for one in entitled})
        for one in entitled:
            guarantees = standing.get(one.view.trader_identifier, ())
            key = UseKey(self.district, one.clearance_number)
            one.facts.granted_grns = granted(guarantees, key, one.view, to_micros(now))
            if not one.facts.granted_grns and (begin := begins(guarantees, to_micros(now))) is not None:
                one.facts.grant_begin = from_micros(begin)

    def take(self, holder: Holder, outcome: Outcome) -> None:
        """A selection uses nothing up, quotas are the hour's. Noted are whether the broker was asked back, and how
        the schemes stand that the consignment is entitled to.
        """
        facts: Facts = holder.facts
        if outcome.verdict is Verdict.INFORMATION_REQUESTED:
            facts.asked_back = True
        settle(facts, outcome)

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        """Counts new consignments, keeps the marks that came and how schemes stand."""
        rows.keep_marks(connection, self.log, holders)
        standings.keep(connection, holders)
        return ()

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        """What was drawn stays drawn, also of what is withdrawn."""
        return ()

    def record_work(self, connection: Connection, done: WorkDone) -> None:
        """`record_work` of customs."""
        if done.kind == rows.EXAMINATION or RULES.intersection(done.rule_ids):
            view = self.read(rows.newest_consignment(connection, done.clearance_number))
            rows.keep_result(connection, done, view.broker_licence, view.trader_identifier)

    def _station(self, connection: Connection, begun: datetime, taken: dict[tuple[str, int], Station]) -> Station:
        """Kept beyond the transaction only where nothing of it can be rolled back any more."""
        period = period_of(begun)
        key = (self._matcher(begun).profile.edition, period)
        station = self._stations.get(key) or taken.get(key)
        if station is None:
            self._read_profiles(connection)
            matcher = self._matcher(begun)
            key = (matcher.profile.edition, period)
            snapshot, stood = rows.kept_snapshot(connection, period, matcher.profile.window_periods)
            station = Station(matcher, snapshot, secret_of_day(self._secret, day_in_china(begun)))
            if len(self._stations) >= STATIONS_KEPT:
                self._stations.clear()
            (self._stations if stood else taken)[key] = station
        return station

    def _matcher(self, moment: datetime) -> Matcher:
        return next(matcher for begin, matcher in self._profiles if begin <= moment)

    def _read_profiles(self, connection: Connection) -> None:
        known = {matcher.profile.edition: matcher for _, matcher in self._profiles}
        self._profiles = [
            (begin, known.get(profile.edition) or Matcher(profile)) for begin, profile in rows.profiles(connection)
        ]
