"""Refusals: named exceptions that hold values, and the one place where they become a google.rpc.Status and back.

    Refusal
    ├── INVALID_ARGUMENT      FormInvalid · Malformed · DeadlineMissing · TooLarge · PageTokenInvalid · SlotInvalid
    ├── UNAUTHENTICATED       IdentityMissing
    ├── PERMISSION_DENIED     CallerNotListed · BrokerMismatch · PasswordWrong
    ├── NOT_FOUND             NotFound
    ├── ALREADY_EXISTS        RequestIdReused · ReferenceReused
    ├── FAILED_PRECONDITION   StaleVersion · DigestMismatch · StateForbids · Withdrawn · WithdrawalRefused · WorkTaken
    │                         NotReleased · OrderSuperseded · OrderUnverified · OutOfScope · GoodsHeld · AppealTooLate
    ├── RESOURCE_EXHAUSTED    SlotFull
    ├── transient             Overloaded · Unavailable · LogUnwritable · FaultInjected · DeadlineTooShort · Internal
    │                         RevocationsStale
    └── RemoteRefusal         a peer's reason that this version of the contract does not know

A transient one decided nothing: the same request may be sent again with the same id. All others stay what they are.
"""

from agencykit.refusals.base import Refusal, RemoteRefusal, Violation
from agencykit.refusals.calls import (
    CallerNotListed,
    DeadlineMissing,
    DeadlineTooShort,
    FaultInjected,
    FormInvalid,
    IdentityMissing,
    Internal,
    Malformed,
    Overloaded,
    PageTokenInvalid,
    RequestIdReused,
    TooLarge,
    Unavailable,
)
from agencykit.refusals.clearances import (
    BrokerMismatch,
    DigestMismatch,
    LogUnwritable,
    NotFound,
    ReferenceReused,
    StaleVersion,
    StateForbids,
    WithdrawalRefused,
    Withdrawn,
    WorkTaken,
)
from agencykit.refusals.desks import (
    AppealTooLate,
    GoodsHeld,
    NotReleased,
    OrderSuperseded,
    OrderUnverified,
    OutOfScope,
    PasswordWrong,
    RevocationsStale,
    SlotFull,
    SlotInvalid,
)
from agencykit.refusals.status import KINDS, REASONS, from_status, to_status

__all__ = [
    "KINDS",
    "REASONS",
    "AppealTooLate",
    "BrokerMismatch",
    "CallerNotListed",
    "DeadlineMissing",
    "DeadlineTooShort",
    "DigestMismatch",
    "FaultInjected",
    "FormInvalid",
    "GoodsHeld",
    "IdentityMissing",
    "Internal",
    "LogUnwritable",
    "Malformed",
    "NotFound",
    "NotReleased",
    "OrderSuperseded",
    "OrderUnverified",
    "OutOfScope",
    "Overloaded",
    "PageTokenInvalid",
    "PasswordWrong",
    "ReferenceReused",
    "Refusal",
    "RemoteRefusal",
    "RequestIdReused",
    "RevocationsStale",
    "SlotFull",
    "SlotInvalid",
    "StaleVersion",
    "StateForbids",
    "TooLarge",
    "Unavailable",
    "Violation",
    "WithdrawalRefused",
    "Withdrawn",
    "WorkTaken",
    "from_status",
    "to_status",
]
