"""What callers see of a case: the case, its current decisions, its orders, and its consignment where wanted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.domain.case import Case
from gateway.domain.clock import Clock, read_clock
from gateway.domain.decision import Decision, Standing, standings
from gateway.domain.exit import Exit
from gateway.domain.identifiers import Micros
from gateway.domain.intervention import Intervention
from gateway.storage.cases import load_cases
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions
from gateway.storage.exits import load_exits
from gateway.storage.history import load_histories
from gateway.storage.interventions import load_interventions
from gateway.storage.orders import Order, load_orders


@dataclass(slots=True)
class View:
    """One case as shown. `consignment` holds the bytes of the current version where they were asked for."""

    case: Case
    standings: dict[str, Standing]
    orders: Sequence[Order] = field(default_factory=list)
    consignment: bytes | None = None
    # SHA-256 of a decision -> it as signed: whatever is stored for the case, where one case is read whole.
    evidence: Mapping[bytes, bytes] = field(default_factory=dict)
    # Its commitment clock and attribution ledger, where they were asked for.
    clock: Clock | None = None
    # What left the port, where one case is read whole.
    exits: Sequence[Exit] = ()
    # What operators did to it, likewise.
    interventions: Sequence[Intervention] = ()


def current_decisions(case: Case, decisions: Iterable[Decision]) -> dict[str, Standing]:
    """Where each asked agency stands on the current version."""
    return standings(case.policy.asked, case.version, decisions)


def load_views(
    connection: Connection, numbers: Sequence[str], *, consignments: bool, clocks_at: Micros | None = None
) -> list[View]:
    """The views of these cases in their order; a number that is not known is left out.

    `clocks_at` has each read with its clock as it stands at that moment, for two more queries.
    """
    cases = load_cases(connection, numbers)
    decisions = load_decisions(connection, cases)
    orders = load_orders(connection, [number for number, case in cases.items() if case.order_number])
    wanted = {number: case.version for number, case in cases.items()} if consignments else {}
    versions = load_versions(connection, wanted)
    exits, interventions = load_exits(connection, wanted), load_interventions(connection, wanted)
    histories = load_histories(connection, cases, decisions) if clocks_at is not None else {}
    clocks = {
        number: read_clock(history, cases[number].commitment, clocks_at or 0) for number, history in histories.items()
    }
    return [
        View(
            cases[number],
            current_decisions(cases[number], decisions[number]),
            orders.get(number, []),
            versions[number].consignment if consignments else None,
            {decision.fingerprint: decision.signed for decision in decisions[number]} if consignments else {},
            clocks.get(number),
            exits.get(number, ()),
            interventions.get(number, ()),
        )
        for number in numbers
        if number in cases
    ]
