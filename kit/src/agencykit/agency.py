"""What an agency supplies to be one: facts and rules. Everything else of AgencyService and WorkService is the kit's.

    definition = AgencyDefinition(name="border", rules=(CREW_LIST_PRESENT, …), read=read, load_facts=load_facts, …)
    app = build_agency(definition, settings, runtime, telemetry, lambda parts: [conveyance_service(parts)])

How the kit decides: `subject` finding → NOT_SUBJECT; else the findings of all rules, in order, folded (agencykit.rules)
with the officers' results. An officer's result counts as long as the view is the same and his rule finds nothing that
he has not seen; so a finding's parameters must not hold the moment of deciding. A result may be about some of the
goods; these are then approved before the rest (agencykit.parts).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, MetaData

from agencykit.rules import Circumstances, Finding, GuaranteeTerms, Outcome, RequiredAction, Rule
from agencykit.runtime import Runtime
from agencykit.storage import Database
from clearance.common.v1.consignment_pb2 import Consignment

if TYPE_CHECKING:
    from agencykit.decisions.app import AgencyApp
    from agencykit.decisions.feed import Feed
    from agencykit.decisions.followers import Followers
    from agencykit.decisions.reassess import Reassess
    from agencykit.rpc.denied import DenyList
    from agencykit.rpc.service import Service
    from agencykit.settings import ServiceSettings
    from agencykit.telemetry import Telemetry

# A fact's kind and key, as findings await them and as `lodging.wake` reports them: ("manifest", "NGBO2004117").
FactKey = tuple[str, str]


def no_interests(view: Any, facts: Any) -> Iterable[FactKey]:
    """Only awaited facts wake a consignment."""
    return ()


def no_place(found: Finding) -> str:
    """Goods are examined where they lie."""
    return ""


@dataclass(slots=True)
class Holder:
    """One clearance under decision, as a CaseLedger sees it."""

    clearance_number: str
    version: int
    # Identity of who submitted it.
    originator: str
    accept_time: datetime
    view: Any
    facts: Any
    # Whether the agency has met the clearance before; of one that it has not, the ledger can hold nothing yet.
    known: bool


class CaseLedger(Protocol):
    """What an agency keeps for each clearance beside its decisions, in the transaction that decides: facts that go by
    the clearance's number, and what decisions use up of things that many clearances share.

    (1) `load` completes the facts of the whole batch, one query for each table, and locks what is shared;
    (2) `take`, after the rules of each, in order: the next one's facts tell what this one leaves;
    (3) `store` writes what was taken.
    """

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """Completes the facts. Shared rows are locked in key order, after the cases."""

    def take(self, holder: Holder, outcome: Outcome) -> None:
        """Notes what the outcome uses; no access to the database."""

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        """Writes it; returns the keys of what has become free for others."""

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        """The clearance is withdrawn for good; returns the keys of what has become free for others."""


@dataclass(frozen=True, slots=True)
class WorkDone:
    """An officer's result at the moment it is recorded. `kind` is the number of clearance.agency.v1.Work.Kind."""

    work_id: str
    clearance_number: str
    kind: int
    rule_ids: tuple[str, ...]
    cleared: bool
    # What he found: (number of clearance.agency.v1.Find.Kind, description, item numbers).
    finds: tuple[tuple[int, str, tuple[int, ...]], ...]
    officer: str
    time: datetime


@dataclass(frozen=True)
class AgencyDefinition:
    """One agency. Only `load_facts` sees the database; all else that it gives for deciding is pure."""

    # Role name, also the first part of its logs' names: `customs`.
    name: str
    display_name_zh: str
    display_name_en: str
    rule_set_version: str
    # The whole catalogue in order of evaluation; `subject`'s rule stands in it too and may find nothing when called.
    rules: tuple[Rule, ...]
    # Protobuf → dataclass with only what rules read. Plain values, tuples and such dataclasses: equal views read alike.
    read: Callable[[Consignment], Any]
    # One query for each table for the whole batch; facts[i] belongs to views[i]. `now` is the moment of deciding.
    load_facts: Callable[[Connection, Sequence[Any], datetime], Sequence[Any]]
    # A finding with effect NOT_SUBJECT when the consignment is outside the remit, else None.
    subject: Callable[[Any, Any], Finding | None]
    # The facts used as JSON values, kept with the decision so that it can be replayed.
    record_facts: Callable[[Any], Mapping[str, Any]]
    # Which of the rules are asked, where it is not always all of them: in their order.
    choose: Callable[[Any, Circumstances], tuple[Rule, ...]] | None = None
    # Runs once when the agency starts, with the moment and in a transaction of its own: for rows it cannot do without.
    open: Callable[[Connection, datetime], None] | None = None
    # Its own timers: runs every few seconds, with the moment and in a transaction of its own.
    tick: Callable[[Connection, datetime], None] | None = None
    # The agency's own rows about an officer's result, in the transaction that records it.
    record_work: Callable[[Connection, WorkDone], None] | None = None
    # Keys of facts that concern a consignment although no finding awaits them (a hold after approval); they wake it.
    interests: Callable[[Any, Any], Iterable[FactKey]] = no_interests
    # Kinds of such facts that may call back goods although all is closed; consignments wait for all others until then.
    outlasting: frozenset[str] = frozenset()
    # Rules of the agency's own services, published with the others and never evaluated in an assessment.
    further_rules: tuple[Rule, ...] = ()
    # What it keeps for each clearance beside its decisions; most agencies keep nothing.
    ledger: CaseLedger | None = None
    # Where officers go to examine what a finding is about; told with the work.
    examined_at: Callable[[Finding], str] = no_place
    # Obligations that its officers see to after release; each then opens work of its own.
    followed_up: frozenset[RequiredAction] = frozenset()
    # Pairs of kinds of work (numbers of clearance.agency.v1.Work.Kind) that one officer does not do both of on one
    # clearance: four eyes.
    kept_apart: frozenset[tuple[int, int]] = frozenset()
    # Whether what officers found against goods stands as long as the consignment reads the same, although facts no
    # longer ask for a look: a paper that comes later does not undo a laboratory's result.
    refusals_stand: bool = False
    # When a decision on this view and these facts ends by itself (a permit runs out): it is then decided again. Nothing
    # ends by itself once the clearance is closed.
    expires: Callable[[Any, Any], datetime | None] | None = None
    # The guarantee on which it agrees to release, asked where an outcome about the whole waits for somebody. Terms that
    # are covered make the outcome an approval; None where something is open that no guarantee stands for.
    guarantee: Callable[[Any, Any, Circumstances, Outcome], GuaranteeTerms | None] | None = None
    # The agency's own tables; the kit's are apart.
    metadata: MetaData | None = None
    # Package with `versions/0001_….py`; by default `<name>.migrations`.
    migrations: str = ""
    # Within what time it decides once all facts are there, as published.
    commitment: timedelta = timedelta(seconds=1)

    @property
    def migrations_package(self) -> str:
        return self.migrations or f"{self.name}.migrations"


@dataclass(frozen=True)
class AgencyParts:
    """What an agency's own servicers work with."""

    definition: AgencyDefinition
    settings: "ServiceSettings"
    runtime: Runtime
    telemetry: "Telemetry"
    database: Database
    # `reassess.notify()` after a commit that woke consignments; `lodge` does it by itself.
    reassess: "Reassess"
    feed: "Feed"
    # Whoever follows what the gateway tells (`outcomes`, by position) is woken by it.
    outcomes: "Followers"
    # Streams to be ended before a graceful stop, which they would hold up; a servicer adds its own.
    streams: "list[Followers]"
    # Who is shut out: asked of every signature of another party that is acted on.
    denied: "DenyList"


def build_agency(
    definition: AgencyDefinition,
    settings: "ServiceSettings",
    runtime: Runtime,
    telemetry: "Telemetry",
    extra_services: Callable[[AgencyParts], list["Service"]] = lambda parts: [],
) -> "AgencyApp":
    """The agency as an app for `agencykit.host.run_service`: AgencyService, WorkService and `extra_services`."""
    from agencykit.decisions.app import AgencyApp

    return AgencyApp(definition, settings, runtime, telemetry, extra_services)
