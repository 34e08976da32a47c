"""Notices of unavailability in the contract's form, in which districts tell them and operators read them."""

from clearance.district.v1 import unavailability_pb2 as pb
from gateway.domain.unavailability import Notice
from gateway.rpc.times import micros, timestamp


def write_notice(notice: Notice) -> pb.UnavailabilityNotice:
    """As the contract has it."""
    message = pb.UnavailabilityNotice(
        id=notice.id,
        scope=notice.scope,  # type: ignore[arg-type]  # the domain's numbers are the contract's
        from_time=timestamp(notice.from_time),
        until_time=timestamp(notice.until_time),
        reason=notice.reason,
        announce_time=timestamp(notice.announce_time),
    )
    if notice.withdraw_time is not None:
        message.withdraw_time.CopyFrom(timestamp(notice.withdraw_time))
    return message


def read_notice(message: pb.UnavailabilityNotice) -> Notice:
    """As the domain has it."""
    return Notice(
        message.id,
        int(message.scope),
        micros(message.from_time),
        micros(message.until_time),
        message.reason,
        micros(message.announce_time),
        micros(message.withdraw_time) if message.HasField("withdraw_time") else None,
    )
