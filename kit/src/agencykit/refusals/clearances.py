"""Refusals that speak of a clearance, its versions, its decisions and the work on it."""

from agencykit.refusals.base import Code, Refusal


class BrokerMismatch(Refusal):
    """The declared broker is not the certificate's."""

    reason, code = "BROKER_MISMATCH", Code.PERMISSION_DENIED
    text = "the consignment declares broker {declared}, which is not the certificate's"

    def __init__(self, declared: str) -> None:
        super().__init__(declared=declared)


class DistrictMismatch(Refusal):
    """The number does not begin with the code of the caller's district."""

    reason, code = "DISTRICT_MISMATCH", Code.PERMISSION_DENIED
    text = "{clearance_number} is not a number of district {district}, which calls"

    def __init__(self, clearance_number: str, district: str) -> None:
        super().__init__(clearance_number=clearance_number, district=district)


class EvidenceInvalid(Refusal):
    """What a partner district gave as evidence proves nothing."""

    reason, code = "EVIDENCE_INVALID", Code.FAILED_PRECONDITION
    text = "what was given as evidence about {clearance_number} proves nothing: {flaw}"

    def __init__(self, clearance_number: str, flaw: str) -> None:
        super().__init__(clearance_number=clearance_number, flaw=flaw)


class ReferenceReused(Refusal):
    """The broker's reference was used before with other content."""

    reason, code = "REFERENCE_REUSED", Code.ALREADY_EXISTS
    text = "the reference belongs to clearance {clearance_number}, which has other content; amend that one"

    def __init__(self, reference: str, clearance_number: str) -> None:
        super().__init__(reference=reference, clearance_number=clearance_number)


class NotFound(Refusal):
    """No such resource, or not the caller's to see."""

    reason, code, text = "NOT_FOUND", Code.NOT_FOUND, "no such {resource}, or not yours to see: {name}"

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(resource=resource, name=name)


class RecordPurged(Refusal):
    """Its retention period is over: only the tombstone is left."""

    reason, code = "RECORD_PURGED", Code.FAILED_PRECONDITION
    text = "the {resource} {name} is past its retention period: nothing is done about it any more"

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(resource=resource, name=name)


class StaleVersion(Refusal):
    """The version named is not the current one."""

    reason, code = "STALE_VERSION", Code.FAILED_PRECONDITION
    text = "version {version} is not the current one, which is {current_version}"

    def __init__(self, version: int, current_version: int) -> None:
        super().__init__(version=version, current_version=current_version)


class DigestMismatch(Refusal):
    """Another digest for a version already known, or not the digest of the bytes sent."""

    reason, code = "DIGEST_MISMATCH", Code.FAILED_PRECONDITION
    text = "the digest of {clearance_number} version {version} is not that of its bytes or of those known before"

    def __init__(self, clearance_number: str, version: int) -> None:
        super().__init__(clearance_number=clearance_number, version=version)


class StateForbids(Refusal):
    """The state does not allow it."""

    reason, code, text = "STATE_FORBIDS", Code.FAILED_PRECONDITION, "state {state} does not allow {operation}"

    def __init__(self, state: str, operation: str) -> None:
        super().__init__(state=state, operation=operation)


class SecondPersonNeeded(Refusal):
    """One person has proposed the act, and the same person cannot do it."""

    reason, code = "SECOND_PERSON_NEEDED", Code.FAILED_PRECONDITION
    text = "{operation} takes two persons: {proposer} has proposed it, and another must do it"

    def __init__(self, operation: str, proposer: str) -> None:
        super().__init__(operation=operation, proposer=proposer)


class ManualReleaseForbidden(Refusal):
    """Goods cannot be released by hand so: an agency has decided, or nobody may stand in for it."""

    reason, code = "MANUAL_RELEASE_FORBIDDEN", Code.FAILED_PRECONDITION
    text = "{clearance_number} cannot be released by hand so: {why}"

    def __init__(self, clearance_number: str, agency: str, why: str) -> None:
        super().__init__(clearance_number=clearance_number, agency=agency, why=why)


class EmergencyForbidden(Refusal):
    """The plan does not allow it: to declare the emergency, or to release under it."""

    reason, code = "EMERGENCY_FORBIDDEN", Code.FAILED_PRECONDITION
    text = "the emergency plan does not allow it under {emergency}: {why}"

    def __init__(self, emergency: str, why: str) -> None:
        super().__init__(emergency=emergency, why=why)


class OriginatorUnproven(Refusal):
    """The gateway's assertion of who asks is missing, forged, expired, for somebody else or about something else."""

    reason, code = "ORIGINATOR_UNPROVEN", Code.PERMISSION_DENIED
    text = "who asks for this on {clearance_number} is not proved: {flaw}"

    def __init__(self, clearance_number: str, flaw: str) -> None:
        super().__init__(clearance_number=clearance_number, flaw=flaw)


class OriginatorNotListed(Refusal):
    """Who asks is proved, and his role may not ask for this."""

    reason, code = "ORIGINATOR_NOT_LISTED", Code.PERMISSION_DENIED
    text = "{identity} may not ask for {purpose} of {clearance_number}"

    def __init__(self, clearance_number: str, identity: object, purpose: str) -> None:
        super().__init__(clearance_number=clearance_number, identity=identity, purpose=purpose)


class Withdrawn(Refusal):
    """The consignment was withdrawn; a late original is refused for ever."""

    reason, code, text = "WITHDRAWN", Code.FAILED_PRECONDITION, "clearance {clearance_number} was withdrawn for good"

    def __init__(self, clearance_number: str) -> None:
        super().__init__(clearance_number=clearance_number)


class WithdrawalRefused(Refusal):
    """The agency refuses the withdrawal (seizure, examination ordered)."""

    reason, code, text = "WITHDRAWAL_REFUSED", Code.FAILED_PRECONDITION, "rule {rule_id} forbids the withdrawal"

    def __init__(self, rule_id: str) -> None:
        super().__init__(rule_id=rule_id)


class WorkTaken(Refusal):
    """The work is held by another officer."""

    reason, code, text = "WORK_TAKEN", Code.FAILED_PRECONDITION, "work {work_id} is held by another officer"

    def __init__(self, work_id: str) -> None:
        super().__init__(work_id=work_id)


class LogUnwritable(Refusal):
    """The decision log cannot be written, so nothing is decided."""

    reason, code, transient = "LOG_UNWRITABLE", Code.UNAVAILABLE, True
    text = "the decision log cannot be written, so nothing is decided"

    def __init__(self) -> None:
        super().__init__()


class CarrierNotRegistered(Refusal):
    """Goods under customs control are carried by who is registered for it."""

    reason, code = "CARRIER_NOT_REGISTERED", Code.FAILED_PRECONDITION
    text = "{carrier} is not registered to carry goods under customs control: {state}"

    def __init__(self, carrier: str, state: str) -> None:
        super().__init__(carrier=carrier, state=state)
