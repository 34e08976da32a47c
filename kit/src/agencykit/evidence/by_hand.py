"""Whether a release by hand (人工放行) is in order, by what the signed order says: for port and verifier alike.

Two officers of the district, a paper and a reason, agencies by name; under an emergency plan its time and its caps too.
"""

from collections.abc import Iterator

from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.identity import Identity, IdentityError
from clearance.common.v1.order_pb2 import EmergencyBasis, ManualBasis, ReleaseOrder

# Whoever may order by hand is an operator; who of them, the gateway's settings say.
OPERATOR = "operator"
# Numbers of a fallback procedure begin with it.
FALLBACK = "F"


def flaw_of_manual(order: ReleaseOrder) -> str:
    """The first thing that is wrong with it; empty where nothing is, or where agencies alone let the goods go."""
    return next(_flaws(order), "") if order.HasField("manual") else ""


def _flaws(order: ReleaseOrder) -> Iterator[str]:
    manual = order.manual
    if not all(_is_officer(each, order.district) for each in (manual.proposer, manual.confirmer)):
        yield "it was not ordered by hand by two officers of the district"
    if manual.proposer == manual.confirmer:
        yield "one officer proposed it by hand and ordered it himself"
    if not manual.absent_agencies:
        yield "it was ordered by hand, and names no agency that had not answered"
    if not manual.paper_order_number or not manual.reason_code:
        yield "it was ordered by hand without a paper or a reason"
    if not _moment(manual.propose_time) <= _moment(manual.confirm_time) <= _moment(order.issue_time):
        yield "it was ordered by hand before it was proposed, or after it was issued"
    if manual.HasField("emergency"):
        yield from _beyond_the_plan(manual.emergency, manual, order.district)


def _beyond_the_plan(basis: EmergencyBasis, manual: ManualBasis, district: str) -> Iterator[str]:
    declared_by = (basis.declarer, basis.second_declarer)
    if basis.declarer == basis.second_declarer or not all(_is_officer(each, district) for each in declared_by):
        yield "its emergency was not declared by two officers of the district"
    if not all(number.startswith(FALLBACK) for number in (basis.emergency_number, basis.fallback_number)):
        yield "its emergency has no fallback number"
    if not _moment(basis.begin_time) <= _moment(manual.confirm_time) < _moment(basis.end_time):
        yield "its emergency was not in force when it was ordered"
    if not 1 <= basis.ordinal <= basis.most_releases:
        yield "it is more than its emergency allows in number"
    if not 0 < basis.minor_units <= basis.used_minor_units <= basis.most_minor_units:
        yield "it is more than its emergency allows in amount"
    if not basis.guarantee_reference:
        yield "its emergency allows it on a guarantee only"


def _is_officer(identity: str, district: str) -> bool:
    try:
        named = Identity.parse(identity)
    except IdentityError:
        return False
    return (named.district, named.role) == (district, OPERATOR) and bool(named.name)


def _moment(time: Timestamp) -> int:
    return time.seconds * 1_000_000_000 + time.nanos
