"""Finding the clearance somebody means: by number, or by the reference of one of the brokers at hand."""

import re

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.clearances import Clearances
from tongguan.failures import Misused, Refused
from tongguan.session import Session

NUMBER = re.compile(r"[0-9]{8}[0-9A-Z]{12}")  # customs district, year, 12 characters


def find(session: Session, name: str) -> Clearance:
    """A number is looked up by the operator (or --as), a reference by each broker of the state folder in turn."""
    refused: Refused | None = None
    for client, number, reference in _ways(session, name):
        try:
            return client.get(number=number, reference=reference)
        except Refused as failure:
            refused = failure
    raise refused or Misused(f"{name!r} is neither a number nor a reference", "see `tongguan list`")


def _ways(session: Session, name: str) -> list[tuple[Clearances, str, str]]:
    ways = [(session.clearances(), name, "")] if NUMBER.fullmatch(name) else []
    if len(name) > 22:
        return ways
    return ways + [(session.clearances(broker), "", name) for broker in brokers(session)]


def brokers(session: Session) -> list[str]:
    """Identities of all brokers at hand, each of whom has references of its own; the caller's, where it is given."""
    if session.direct or session.where.identity:
        return ["broker"]
    return [f"broker/{licence}" for licence in session.endpoints().brokers] or ["broker"]


def owner(session: Session, clearance: Clearance) -> Clearances:
    """The gateway by the identity of the case's broker, who alone may amend or withdraw it (or by --as)."""
    if session.direct or session.where.identity:
        return session.clearances("broker")
    return session.clearances(clearance.broker)
