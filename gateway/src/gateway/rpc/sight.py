"""Whose clearances and movements a caller of this district sees, in one place: a broker his own, all others all.

Who may call at all stands in the lists of callers; what other districts are shown, field by field, in `visibility`.
"""

from agencykit.refusals import CallerNotListed
from agencykit.rpc.call import Call

BROKER, OPERATOR = "broker", "operator"


def confined_to(call: Call) -> str:
    """The identity whose own things alone the caller sees; empty for one who sees all of the district."""
    return str(call.identity) if call.identity.role == BROKER else ""


def is_person(call: Call) -> bool:
    """Whether an officer or operator calls, and no broker, agency or front door."""
    return call.identity.role == OPERATOR


def broker_of(call: Call) -> str:
    """The broker who calls. CallerNotListed for anybody else: these acts are brokers' own."""
    if not (broker := confined_to(call)):
        raise CallerNotListed(call.identity, call.method)
    return broker
