"""Cases that must move although no caller waits: due ones, and those with a part parked at an agency worth asking."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from gateway.domain.quarantine import Item, Poison
from gateway.domain.states import State
from gateway.operations.context import Context
from gateway.operations.quarantine import set_aside
from gateway.operations.questions import Cargo, Root
from gateway.storage.cases import load_cases
from gateway.storage.consignments import load_versions
from gateway.storage.decisions import load_decisions
from gateway.storage.leases import claim_due, claim_parked, free, parked_at, reclaim

SECOND = 1_000_000


def claim(connection: Connection, most: int, parked: Mapping[str, int], context: Context) -> list[Cargo]:
    """As `claim_numbers`, with all that is sent."""
    return load_cargos(connection, claim_numbers(connection, most, parked, context))


def claim_numbers(connection: Connection, most: int, parked: Mapping[str, int], context: Context) -> list[str]:
    """Takes up to `most` cases in all, and of those parked at an agency up to so many as `parked` says."""
    now, lease = context.lease_now(connection), int(context.limits.lease * 1e6)
    numbers = claim_due(connection, context.replica, now, lease, most)
    waiting = parked_at(connection)
    for agency, share in ((agency, share) for agency, share in parked.items() if agency in waiting):
        room = min(most - len(numbers), share)
        if room > 0:
            numbers += claim_parked(connection, agency, context.replica, now, lease, room)
    return numbers


def leave_alone(connection: Connection, number: str, poison: Sequence[Poison], context: Context) -> list[Item]:
    """A claimed case that cannot be worked on is free again, and looked at in a moment unless it is set aside now."""
    free(connection, number, context.replica, context.lease_now(connection) + SECOND)
    return set_aside(connection, poison, context)


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
