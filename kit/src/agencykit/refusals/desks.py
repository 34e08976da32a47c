"""Refusals of agencies' own desks: the gate, bookings, appeals, transfers."""

from agencykit.refusals.base import Code, Refusal


class RevocationsStale(Refusal):
    """What is known of orders is too old to act on one."""

    reason, code, transient = "REVOCATIONS_STALE", Code.UNAVAILABLE, True
    text = "what is known of orders is {age_seconds} s old, more than {limit_seconds} s: a stop may be on its way"

    def __init__(self, rule_id: str, age_seconds: str, limit_seconds: str) -> None:
        super().__init__(rule_id=rule_id, age_seconds=age_seconds, limit_seconds=limit_seconds)


class NotReleased(Refusal):
    """The newest order does not release the goods."""

    reason, code = "NOT_RELEASED", Code.FAILED_PRECONDITION
    text = "{clearance_number} is not released (newest order {order_number}: {told})"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, told: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, order_number=order_number, told=told)


class OrderSuperseded(Refusal):
    """A higher order overrides the one named."""

    reason, code = "ORDER_SUPERSEDED", Code.FAILED_PRECONDITION
    text = "order {order_number} of {clearance_number} was superseded by order {newest_order_number}"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, newest_order_number: str) -> None:
        numbers = {"order_number": order_number, "newest_order_number": newest_order_number}
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, **numbers)


class OrderUnverified(Refusal):
    """The order is not proved to be the gateway's, about this consignment."""

    reason, code = "ORDER_UNVERIFIED", Code.FAILED_PRECONDITION
    text = "order {order_number} of {clearance_number} is not verified: {flaw}"

    def __init__(self, rule_id: str, clearance_number: str, order_number: str, flaw: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, order_number=order_number, flaw=flaw)


class OutOfScope(Refusal):
    """The order does not cover these goods."""

    reason, code = "OUT_OF_SCOPE", Code.FAILED_PRECONDITION
    text = "the order of {clearance_number} does not cover {subject}"

    def __init__(self, rule_id: str, clearance_number: str, subject: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, subject=subject)


class PackagesExceeded(Refusal):
    """More packages are reported to leave than may."""

    reason, code = "PACKAGES_EXCEEDED", Code.FAILED_PRECONDITION
    text = "{packages} packages of {clearance_number} are reported, and {remaining} may leave"

    def __init__(self, rule_id: str, clearance_number: str, packages: str, remaining: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, packages=packages, remaining=remaining)


class PositionAhead(Refusal):
    """The position to follow from is ahead of the newest: the list is an older copy than the one that was followed."""

    reason, code = "POSITION_AHEAD", Code.OUT_OF_RANGE
    text = "position {position} is ahead of the newest, {newest_position}: the list was put back to an older copy"

    def __init__(self, position: int, newest_position: int) -> None:
        super().__init__(position=position, newest_position=newest_position)


class GoodsHeld(Refusal):
    """The port holds the goods."""

    reason, code, text = "GOODS_HELD", Code.FAILED_PRECONDITION, "{subject} is held by the port: {holds}"

    def __init__(self, rule_id: str, clearance_number: str, subject: str, holds: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, subject=subject, holds=holds)


class SlotFull(Refusal):
    """A slot has not the room that is wanted."""

    reason, code = "SLOT_FULL", Code.RESOURCE_EXHAUSTED
    text = "{resource} has room for {free} from {start_time} on, and {wanted} is wanted; take another slot"

    def __init__(self, resource: str, start_time: str, free: int, wanted: int) -> None:
        super().__init__(resource=resource, start_time=start_time, free=free, wanted=wanted)


class SlotInvalid(Refusal):
    """The time cannot be booked: it is past, or begins within a slot."""

    reason, code = "SLOT_INVALID", Code.INVALID_ARGUMENT
    text = "{start_time} cannot be booked at {resource}: it {wrong}"

    def __init__(self, resource: str, start_time: str, wrong: str) -> None:
        super().__init__(resource=resource, start_time=start_time, wrong=wrong)


class AppealTooLate(Refusal):
    """The time to appeal has passed."""

    reason, code = "APPEAL_TOO_LATE", Code.FAILED_PRECONDITION
    text = "the refusal of {clearance_number} could be appealed against until {until_time}"

    def __init__(self, rule_id: str, clearance_number: str, until_time: str) -> None:
        super().__init__(rule_id=rule_id, clearance_number=clearance_number, until_time=until_time)


class PasswordWrong(Refusal):
    """The password is wrong; the last wrong try locks what it guards."""

    reason, code, text = "PASSWORD_WRONG", Code.PERMISSION_DENIED, "wrong password, {tries_left} tries left"

    def __init__(self, tries_left: int | str) -> None:
        super().__init__(tries_left=tries_left)
