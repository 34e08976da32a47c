"""Cases that must move although no caller waits: due ones, and those with a part parked at an agency worth asking."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from gateway.domain.states import State
from gateway.operations.context import Context
from gateway.operations.questions import Cargo, Root
from gateway.storage.cases import load_cases
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions
from gateway.storage.leases import claim_due, claim_parked, parked_at, reclaim


def claim(connection: Connection, most: int, parked: Mapping[str, int], context: Context) -> list[Cargo]:
    """Takes up to `most` cases in all, and of those parked at an agency up to so many as `parked` says."""
    now, lease = context.lease_now(connection), int(context.limits.lease * 1e6)
    numbers = claim_due(connection, context.replica, now, lease, most)
    waiting = parked_at(connection)
    for agency, share in ((agency, share) for agency, share in parked.items() if agency in waiting):
        room = min(most - len(numbers), share)
        if room > 0:
            numbers += claim_parked(connection, agency, context.replica, now, lease, room)
    return load_cargos(connection, numbers)


def load_cargos(connection: Connection, numbers: Sequence[str]) -> list[Cargo]:
    """Held cases with all that their agencies must be sent."""
    if not numbers:
        return []
    cases = load_cases(connection, numbers)
    versions = load_versions(connection, {number: case.version for number, case in cases.items()})
    depending = [number for number, case in cases.items() if case.policy.depends_on or case.policy.declared_at]
    decided: dict[str, dict[str, bytes]] = {}
    for number, decisions in (load_decisions(connection, depending) if depending else {}).items():
        current = [each for each in decisions if each.counted and each.version == cases[number].version]
        ordered = sorted(current, key=lambda decision: decision.revision)
        decided[number] = {decision.agency: decision.signed for decision in ordered}
    return [
        Cargo(case, versions[number], decided.get(number, {}), Root() if case.state is State.RECEIVED else None)
        for number, case in cases.items()
    ]


def take_back(connection: Connection, context: Context) -> int:
    """At start: frees what a dead predecessor of this replica's name held; returns how many cases."""
    return reclaim(connection, context.replica, context.lease_now(connection))
