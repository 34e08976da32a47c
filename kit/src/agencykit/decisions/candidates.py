"""The values that travel from the request to the log."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agencykit.agency import Holder
from agencykit.decisions.requests import Claim
from agencykit.refusals import Refusal
from agencykit.rules import Outcome


@dataclass(slots=True)
class Candidate:
    """One version of a consignment, sound in form, ready to be decided."""

    clearance_number: str
    version: int
    digest: bytes
    consignment: bytes
    view: Any
    originator: str
    accept_time: datetime
    traceparent: str
    tracestate: str
    # None when facts or an officer, not a request, ask for the decision.
    claim: Claim | None = None
    # Whether the request goes before others; what facts or officers ask for does not say.
    urgent: bool = False
    # Decisions of others that were given with it (agencykit.decisions.given), as stored.
    given: bytes = b""
    # Whether the gateway told last that it is closed. No request is about one that is.
    closed: bool = False


@dataclass(slots=True)
class Case:
    """Where a clearance stands, as read at the beginning of the transaction."""

    version: int
    revision: int
    digest: bytes
    outcome_digest: bytes
    log: str
    sequence: int
    attempts: int
    due_time: int | None
    withdrawn_version: int | None
    # When all but this was purged.
    purge_time: int | None = None


@dataclass(slots=True)
class Judged:
    """A candidate with what the rules said of it."""

    candidate: Candidate
    # None when the clearance is new.
    case: Case | None
    outcome: Outcome
    facts: Mapping[str, Any]
    fact_keys: Set[tuple[str, str]]
    # When it ends by itself, where it does.
    expiry: datetime | None = None
    # Where the agency keeps a ledger.
    holder: Holder | None = None


@dataclass(slots=True)
class Decided:
    """A decision as it is answered, replayed and fed, with what a span tells of it."""

    # SignedDecision as bytes.
    signed: bytes
    verdict: int
    version: int
    revision: int


@dataclass(slots=True)
class Failed:
    """An item on which our own code failed: isolated, named by its correlation id once the log has it."""

    error: Exception


Answer = Decided | Refusal | Failed
