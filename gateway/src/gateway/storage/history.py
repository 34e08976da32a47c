"""The way of cases as it was recorded: acceptance of versions, decisions, and what the audit says of states."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, rows_in
from gateway.domain.case import AskState, Case
from gateway.domain.decision import Decision
from gateway.domain.history import History, Silence, VersionPut
from gateway.domain.identifiers import Micros
from gateway.domain.states import State
from gateway.storage.audit import ACCEPTED, AMENDED, PARKED, SET_ASIDE, STATE
from gateway.storage.tables import audit, versions

_AUDIT_COLUMNS = ("id", "number", "time", "act", "agency", "details")
_VERSION_COLUMNS = ("number", "version", "accept_time")


def load_histories(
    connection: Connection, cases: Mapping[str, Case], decisions: Mapping[str, Sequence[Decision]]
) -> dict[str, History]:
    """Number -> history, for cases and decisions read in the same snapshot. Two queries for all."""
    acts: dict[str, list[Fields]] = {number: [] for number in cases}
    for row in sorted(rows_in(connection, audit, _AUDIT_COLUMNS, ("number",), cases)):
        acts[row[1]].append(row[2:])
    accepted: dict[str, list[tuple[int, Micros]]] = {number: [] for number in cases}
    for number, version, moment in rows_in(connection, versions, _VERSION_COLUMNS, ("number",), cases):
        accepted[number].append((version, moment))
    return {
        number: _history(case, sorted(accepted[number]), decisions[number], acts[number])
        for number, case in cases.items()
    }


def _history(
    case: Case, accepted: Sequence[tuple[int, Micros]], decisions: Iterable[Decision], acts: Sequence[Fields]
) -> History:
    counted = sorted((each for each in decisions if each.counted), key=lambda each: (each.record_time, each.revision))
    required = _required(case, acts)
    return History(
        direction=case.journey.partition("/")[0],
        asked=tuple(case.policy.asked),
        depends_on=case.policy.depends_on,
        versions=[VersionPut(version, moment, required[version]) for version, moment in accepted],
        decisions=counted,
        states=_states(acts),
        silences=_silences(acts),
        withdrawing=[
            (ask.agency, ask.ask_time)
            for ask in case.withdrawal_asks()
            if ask.state not in (AskState.ANSWERED, AskState.VOID)
        ],
    )


def _required(case: Case, acts: Iterable[Fields]) -> dict[int, tuple[str, ...]]:
    """Version -> whose approval it required. An amendment's row says so of the version that it replaced."""
    found = {case.version: case.policy.required}
    for _, act, _, details in acts:
        if act == AMENDED:
            said = json.loads(details)
            found[said.get("replaced", said["version"] - 1)] = tuple(said["required"].split())
    return found


def _states(acts: Iterable[Fields]) -> list[tuple[Micros, State]]:
    found: list[tuple[Micros, State]] = []
    for moment, act, _, details in acts:
        if act == ACCEPTED:
            found.append((moment, State.RECEIVED))
        elif act in (STATE, AMENDED):
            said = json.loads(details)
            # Goods had left before it was heard of; never before what had been recorded until then.
            reached = max(said.get("time", moment), found[-1][0] if found else 0)
            found.append((reached, State[said["to"]]))
    return found


def _silences(acts: Iterable[Fields]) -> list[Silence]:
    """A silence goes on until the agency decides, which its decision tells, or a person is called."""
    found: list[Silence] = []
    for moment, act, agency, _ in acts:
        if act == PARKED:
            found.append(Silence(agency, moment))
        elif act == SET_ASIDE:
            found = [
                Silence(agency, each.begin, moment) if each.agency == agency and each.end is None else each
                for each in found
            ]
    return found
