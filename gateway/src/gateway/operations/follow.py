"""What a feed brought, in one transaction: the inbox, the cases woken, and how far the log has been read.

No case lease is needed: whoever holds a case re-reads its inbox when he closes it, and a free one is due at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from gateway.domain.quarantine import Item, Poison
from gateway.operations.context import Context
from gateway.operations.quarantine import set_aside
from gateway.storage.assurances import begin_retelling
from gateway.storage.cases import lock_cases
from gateway.storage.decisions import Received, put_in_inbox
from gateway.storage.feeds import load_positions, store_positions
from gateway.storage.leases import holds_duty, wake_cases
from gateway.storage.quarantine import settle


def positions(connection: Connection, agency: str) -> dict[str, int]:
    """Log -> last sequence read. What else is read by position is no decision log; an agency that were asked for one
    would hold itself for an old copy.
    """
    return {log: sequence for log, sequence in load_positions(connection, agency).items() if "/" in log}


def take_feed(
    connection: Connection,
    duty: str,
    epoch: int,
    agency: str,
    received: Sequence[Received],
    reached: Mapping[str, int],
    context: Context,
) -> bool:
    """Stores decisions and positions; False, and nothing stored, where the duty has gone to another replica."""
    if not holds_duty(connection, duty, epoch):
        return False
    if received:
        known = wake_cases(connection, [each.number for each in received], context.lease_now(connection))
        put_in_inbox(connection, [each for each in received if each.number in known])
    store_positions(connection, agency, reached)
    return True


def take_again(connection: Connection, id: str, decision: Received, context: Context) -> None:
    """An entry that was set aside, and is good after all."""
    known = wake_cases(connection, [decision.number], context.lease_now(connection))
    put_in_inbox(connection, [decision] if decision.number in known else [])
    settle(connection, [id])


def put_aside(connection: Connection, poison: Sequence[Poison], context: Context) -> list[Item]:
    """Sets entries aside. What is no number of a case here is not kept as one."""
    known = lock_cases(connection, [each.number for each in poison])
    named = [each if each.number in known else replace(each, number="") for each in poison]
    return set_aside(connection, named, context)


def retell(connection: Connection, agency: str) -> None:
    """Has the agency told again what became of every case whose goods are still here; it knows what it knows by the
    order's number. Until it was, nothing is said of how complete its orders are (operations.assurer).
    """
    begin_retelling(connection, [agency])
