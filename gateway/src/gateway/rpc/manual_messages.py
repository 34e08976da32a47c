"""Releases by hand, read from requests and written as the contract's."""

from agencykit.rpc.call import Call
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.order_pb2 import EmergencyBasis, ManualBasis
from clearance.common.v1.text_pb2 import BilingualText
from clearance.gateway.v1 import manual_release_service_pb2 as pb
from gateway.domain.manual import Fallback, Manual
from gateway.domain.manual_rules import Goods, Overrides
from gateway.operations.falling_back import Given
from gateway.operations.manual import Wanted
from gateway.rpc.reading import journey
from gateway.rpc.scopes import read_scope, write_scope
from gateway.rpc.times import timestamp


def goods_of(content: bytes) -> Goods:
    """What the rules read of a consignment."""
    consignment = Consignment.FromString(content)
    containers = frozenset(container.number for container in consignment.containers)
    return Goods(journey(consignment), frozenset(item.number for item in consignment.items), containers)


def wanted(request: pb.OrderManualReleaseRequest, call: Call) -> Wanted:
    """What the officer who calls asks for."""
    given = None
    if request.emergency_number:
        amount = (request.amount.minor_units, request.amount.currency_code)
        given = Given(request.emergency_number, *amount, request.guarantee_reference)
    return Wanted(
        *(request.request_id, str(call.identity), request.number, request.reason, request.version),
        *(read_scope(request.scope), tuple(sorted(set(request.absent_agencies))), request.reason_code),
        *(request.paper_order_number, given),
    )


def write_basis(message: ManualBasis, manual: Manual) -> None:
    """What an order says of it."""
    proposal = manual.proposal
    message.proposer, message.confirmer = proposal.proposer, proposal.second
    message.propose_time.CopyFrom(timestamp(proposal.propose_time))
    if proposal.end_time is not None:
        message.confirm_time.CopyFrom(timestamp(proposal.end_time))
    message.reason_code, message.paper_order_number = manual.reason_code, manual.paper_number
    message.absent_agencies.extend(manual.absent)
    message.table_version = manual.table
    if manual.scope is not None:
        write_scope(message.scope, manual.scope)
    if manual.fallback is not None:
        message.emergency.CopyFrom(_fallback(manual.fallback))


def _fallback(under: Fallback) -> EmergencyBasis:
    return EmergencyBasis(
        emergency_number=under.emergency,
        fallback_number=under.number if under.ordinal else "",
        plan_version=under.plan_version,
        measure_id=under.measure,
        declarer=under.declarer,
        second_declarer=under.second_declarer,
        begin_time=timestamp(under.begin_time),
        end_time=timestamp(under.end_time),
        ordinal=under.ordinal,
        most_releases=under.most_releases,
        minor_units=under.units,
        currency_code=under.currency,
        used_minor_units=under.used_units,
        most_minor_units=under.most_units,
        guarantee_reference=under.guarantee,
    )


def manual_message(manual: Manual) -> pb.ManualRelease:
    """One release by hand, as it stands."""
    proposal = manual.proposal
    message = pb.ManualRelease(
        number=manual.number,
        serial=manual.serial,
        state=int(manual.state),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        version=manual.version,
        absent_agencies=manual.absent,
        reason_code=manual.reason_code,
        paper_order_number=manual.paper_number,
        proposer=proposal.proposer,
        propose_reason=proposal.reason,
        propose_time=timestamp(proposal.propose_time),
        second=proposal.second,
        second_reason=manual.second_reason,
        second_time=timestamp(proposal.end_time) if proposal.end_time is not None else None,
        order_number=manual.order_number,
        revoker=manual.revoked.officer,
        revoke_time=timestamp(manual.revoked.time) if manual.revoked.time is not None else None,
        settler=manual.settled.officer,
        settle_reason=manual.settled.reason,
        settle_time=timestamp(manual.settled.time) if manual.settled.time is not None else None,
        emergency=_fallback(manual.fallback) if manual.fallback is not None else None,
        table_version=manual.table,
    )
    if manual.scope is not None:
        write_scope(message.scope, manual.scope)
    return message


def table_message(table: Overrides) -> pb.ManualReleaseTable:
    """The published table."""
    agencies = [
        pb.ReplaceableAgency(agency=agency, after_minutes=minutes) for agency, minutes in table.after_minutes.items()
    ]
    reasons = [pb.ManualReason(code=each.code, text=BilingualText(zh=each.zh, en=each.en)) for each in table.reasons]
    return pb.ManualReleaseTable(
        version=table.version, agencies=agencies, reasons=reasons, never_commodities=table.never_commodities
    )
