"""What the home district says of goods that are verified here: its orders, and withdrawals of what never came."""

from collections.abc import Sequence

from sqlalchemy import Connection

from agencykit.refusals import DistrictMismatch, NotFound, StateForbids
from gateway.domain.states import LEFT
from gateway.operations.context import Context
from gateway.storage.cases import load_cases
from gateway.storage.decisions import Received, put_in_inbox
from gateway.storage.leases import wake_cases
from gateway.storage.verifications import (
    Verification,
    insert_verifications,
    load_verifications,
    update_verifications,
)


def hear_orders(
    connection: Connection, home: str, heard: Sequence[Received], closed: Sequence[str], context: Context
) -> int:
    """Takes up home's orders, all or none; each case folds them in soon. Raises NotFound or DistrictMismatch.

    `closed` are numbers of cases that home has closed: StateForbids where the goods have not left.
    """
    known = load_verifications(connection, [each.number for each in heard])
    for each in heard:
        one = known.get(each.number)
        if one is None or one.withdrawn_version:
            raise NotFound("verification", each.number)
        if one.home != home:
            raise DistrictMismatch(each.number, home)
    for case in load_cases(connection, closed).values():
        # It comes without an order, so that it must not let anything go.
        if case.state not in LEFT:
            raise StateForbids(case.state.name, "close")
    wake_cases(connection, known, context.lease_now(connection))
    put_in_inbox(connection, heard)
    return len(heard)


def bar(connection: Connection, number: str, home: str, version: int) -> bool:
    """Leaves a tombstone for what never came; False where there is a case of that number."""
    insert_verifications(connection, [Verification(number, home, version)])
    one = load_verifications(connection, [number])[number]
    if one.home != home:
        raise DistrictMismatch(number, home)
    if load_cases(connection, [number]):
        return False
    one.withdrawn_version = version
    update_verifications(connection, [one])
    return True
