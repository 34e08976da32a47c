"""Refusals: named exceptions that hold values, and the one place where they become a google.rpc.Status and back.

    Refusal
    ├── INVALID_ARGUMENT      FormInvalid · Malformed · DeadlineMissing · TooLarge · PageTokenInvalid · SlotInvalid
    ├── UNAUTHENTICATED       IdentityMissing
    ├── PERMISSION_DENIED     CallerNotListed · BrokerMismatch · DistrictMismatch · PasswordWrong
    │                         GuaranteeAccessDenied · GuaranteeHolderMismatch · OriginatorUnproven · OriginatorNotListed
    ├── NOT_FOUND             NotFound · GuaranteeUnknown
    ├── ALREADY_EXISTS        RequestIdReused · ReferenceReused · GuaranteeUseReused
    ├── FAILED_PRECONDITION   StaleVersion · DigestMismatch · StateForbids · Withdrawn · WithdrawalRefused · WorkTaken
    │                         EvidenceInvalid · RecordPurged
    │                         NotReleased · OrderSuperseded · OrderUnverified · OutOfScope · GoodsHeld · AppealTooLate
    │                         PackagesExceeded
    │                         Guarantee…: NotValid, VoucherUsed, GoodsRestricted, NotValidHere, Insufficient
    │                         AlreadyUsed, OfficeMismatch, CommodityMismatch, TypeMismatch, CurrencyMismatch
    │                         NotConfirmed · CarrierNotRegistered · SecondPersonNeeded
    │                         ManualReleaseForbidden · EmergencyForbidden
    ├── OUT_OF_RANGE          PositionAhead
    ├── RESOURCE_EXHAUSTED    SlotFull
    ├── transient             Overloaded · Unavailable · LogUnwritable · FaultInjected · DeadlineTooShort · Internal
    │                         RevocationsStale · PartnerUnavailable
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
    PartnerUnavailable,
    RequestIdReused,
    TooLarge,
    Unavailable,
)
from agencykit.refusals.clearances import (
    BrokerMismatch,
    CarrierNotRegistered,
    DigestMismatch,
    DistrictMismatch,
    EmergencyForbidden,
    EvidenceInvalid,
    LogUnwritable,
    ManualReleaseForbidden,
    NotFound,
    OriginatorNotListed,
    OriginatorUnproven,
    RecordPurged,
    ReferenceReused,
    SecondPersonNeeded,
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
    PackagesExceeded,
    PasswordWrong,
    PositionAhead,
    RevocationsStale,
    SlotFull,
    SlotInvalid,
)
from agencykit.refusals.guarantees import (
    GuaranteeAccessDenied,
    GuaranteeAlreadyUsed,
    GuaranteeCommodityMismatch,
    GuaranteeCurrencyMismatch,
    GuaranteeGoodsRestricted,
    GuaranteeHolderMismatch,
    GuaranteeInsufficient,
    GuaranteeNotConfirmed,
    GuaranteeNotValid,
    GuaranteeNotValidHere,
    GuaranteeOfficeMismatch,
    GuaranteeTypeMismatch,
    GuaranteeUnknown,
    GuaranteeUseReused,
    GuaranteeVoucherUsed,
)
from agencykit.refusals.status import KINDS, REASONS, from_status, to_status

__all__ = [
    "KINDS",
    "REASONS",
    "AppealTooLate",
    "BrokerMismatch",
    "CallerNotListed",
    "CarrierNotRegistered",
    "DeadlineMissing",
    "DeadlineTooShort",
    "DigestMismatch",
    "DistrictMismatch",
    "EmergencyForbidden",
    "EvidenceInvalid",
    "FaultInjected",
    "FormInvalid",
    "GoodsHeld",
    "GuaranteeAccessDenied",
    "GuaranteeAlreadyUsed",
    "GuaranteeCommodityMismatch",
    "GuaranteeCurrencyMismatch",
    "GuaranteeGoodsRestricted",
    "GuaranteeHolderMismatch",
    "GuaranteeInsufficient",
    "GuaranteeNotConfirmed",
    "GuaranteeNotValid",
    "GuaranteeNotValidHere",
    "GuaranteeOfficeMismatch",
    "GuaranteeTypeMismatch",
    "GuaranteeUnknown",
    "GuaranteeUseReused",
    "GuaranteeVoucherUsed",
    "IdentityMissing",
    "Internal",
    "LogUnwritable",
    "Malformed",
    "ManualReleaseForbidden",
    "NotFound",
    "NotReleased",
    "OrderSuperseded",
    "OrderUnverified",
    "OriginatorNotListed",
    "OriginatorUnproven",
    "OutOfScope",
    "Overloaded",
    "PackagesExceeded",
    "PageTokenInvalid",
    "PartnerUnavailable",
    "PasswordWrong",
    "PositionAhead",
    "RecordPurged",
    "ReferenceReused",
    "Refusal",
    "RemoteRefusal",
    "RequestIdReused",
    "RevocationsStale",
    "SecondPersonNeeded",
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
