"""A file of movements, as it is declared. The gateway here answers by script; a real one is in ../stack."""

import json
from typing import Any

from google.rpc.code_pb2 import Code

from clearance.gateway.v1.transit_service_pb2 import DeclareMovementRequest, Movement
from tongguan import statuses
from tongguan.failures import Exit, Refused
from tongguan.lodging.movements import Entered, declare_all, read_movements, with_access_codes
from tongguan.lodging.outcome import Outcome

OFFICE_UNKNOWN = statuses.make(Code.NOT_FOUND, "office 9999 is of no district", "NOT_FOUND")


def line(lrn: str, *grns: str) -> str:
    declared = {"declaration": {"lrn": lrn}, "guarantees": [{"grn": grn} for grn in grns]}
    return json.dumps({"movement": declared})


class Scripted:
    """Declares what its script does not refuse."""

    def __init__(self, **refusals: Exception) -> None:
        self.refusals = refusals
        self.entered: list[str] = []
        self.sent: list[DeclareMovementRequest] = []

    def enter(self, guarantee: Entered) -> None:
        assert not self.sent
        self.entered.append(guarantee.act)

    def declare(self, request: DeclareMovementRequest) -> Movement:
        self.sent.append(request)
        if refusal := self.refusals.get(request.declaration.lrn):
            raise refusal
        return Movement(lrn=request.declaration.lrn, state=Movement.STATE_MRN_ALLOCATED)


class Silent:
    """Progress that nobody looks at."""

    def begin(self, name: str, total: int) -> None: ...
    def advance(self, name: str, count: int) -> None: ...
    def state(self, name: str, text: str) -> None: ...


def declare(gateway: Scripted, *lines: str) -> tuple[Outcome, list[tuple[int, Any]]]:
    told: list[tuple[int, Any]] = []
    outcome = declare_all(
        gateway.enter,
        gateway.declare,
        read_movements(lines),
        3,
        Silent(),
        lambda number, result: told.append((number, result)),
    )
    return outcome, told


def test_each_line_is_declared_and_told_in_the_files_order() -> None:
    outcome, told = declare(Scripted(), *(line(f"LRN-{number}") for number in range(9)))
    assert [movement.lrn for _line, movement in told] == [f"LRN-{number}" for number in range(9)]
    assert (outcome.exit(), outcome.states[Movement.STATE_MRN_ALLOCATED]) == (Exit.OK, 9)


def test_a_line_that_is_refused_or_no_movement_harms_no_other() -> None:
    gateway = Scripted(**{"LRN-1": Refused("no such office", status=OFFICE_UNKNOWN)})
    outcome, told = declare(gateway, line("LRN-0"), line("LRN-1"), "", '{"submission": {}}', line("LRN-2"))
    assert [number for number, _result in told] == [1, 2, 4, 5]
    assert [(number, statuses.reason(status)) for number, status in sorted(outcome.errors, key=lambda it: it[0])] == [
        (2, "NOT_FOUND"),
        (4, "MALFORMED"),
    ]
    assert outcome.exit() == Exit.FAILED


def test_guarantees_of_a_file_are_entered_before_any_movement_by_an_id_of_their_content() -> None:
    deposit = json.dumps({"guarantee": {"guarantee": {"grn": "04CN3104000000296"}}})
    gateway, again = Scripted(), Scripted()
    outcome, told = declare(gateway, line("LRN-0"), deposit, line("LRN-1"))
    declare(again, deposit)
    assert [number for number, _result in told] == [1, 2, 3]
    assert (outcome.exit(), gateway.entered) == (Exit.OK, again.entered)


def test_the_same_line_has_the_same_request_id_whatever_its_access_codes_are() -> None:
    [first], [second] = (read_movements([line("LRN-7", "04CN2900000000017")]).movements for _ in range(2))
    assert first.request.request_id == with_access_codes(second, {}, "7Q4M").request.request_id != ""
    [other] = read_movements([line("LRN-7", "04CN3104000000296")]).movements
    assert other.request.request_id != first.request.request_id


def test_a_guarantee_has_its_own_access_code_before_the_one_for_all() -> None:
    [declared] = read_movements([line("LRN-7", "04CN2900000000017", "04CN3104000000296")]).movements
    coded = with_access_codes(declared, {"04CN2900000000017": "KNOWN"}, "FOR-ALL")
    assert [guarantee.access_code for guarantee in coded.request.guarantees] == ["KNOWN", "FOR-ALL"]


def test_a_carrier_of_a_file_is_entered_before_any_movement_too() -> None:
    carrier = json.dumps({"carrier": {"identifier": "3302970077", "vehicleIdentifications": ["ZHE-B-21300"]}})
    gateway = Scripted()
    outcome, told = declare(gateway, line("LRN-0"), carrier)
    assert [number for number, _result in told] == [1, 2]
    assert (outcome.exit(), len(gateway.entered), len(gateway.sent)) == (Exit.OK, 1, 1)
