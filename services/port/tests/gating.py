"""What is reported at the gate in the tests on databases, and the consignments it is about."""

from hashlib import sha256
from itertools import count
from typing import Any

from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.testing.consignments import sea_import
from clearance.common.v1.decision_pb2 import Decision
from port.domain.gate import Report, Way
from port.operations.gate import Gate, Reported, report_gate_outs
from port.storage.releases import GateOut

NOW = 1_100_660_000_000_000
NUMBER = "310020041117AAAA"
LOOSE = "310020041117LLLL"
TERMINAL, CSQU, MSKU = "operator/terminal", "CSQU3054383", "MSKU1234565"
ids = count(1)


def consignment(number: str = NUMBER, export: bool = False) -> bytes:
    """Goods by sea in two boxes, under the bill of lading HLCU<number>; LOOSE is in none, 40 packages."""
    made = sea_import(number)
    if export:
        made.direction = made.DIRECTION_EXPORT
    made.containers.add(number=MSKU)
    if number == LOOSE:
        del made.containers[:]
        made.total_packages = 40
        for item in made.items:
            del item.container_numbers[:]
    return made.SerializeToString(deterministic=True)


def agreed(number: str) -> bytes:
    """What the port decided on it."""
    yes = Decision(agency="port", clearance_number=number, version=1, verdict=Decision.VERDICT_APPROVED)
    return yes.SerializeToString()


def assessed(number: str, content: bytes) -> tuple[Any, ...]:
    """A row of `consignments` for its version 1."""
    return number, 1, sha256(content).digest(), content, "spiffe://ningbo.clearance/broker/1", NOW, "", "", b"", NOW


def report(
    container: str,
    order: int = 1,
    number: str = NUMBER,
    terminal: str = "",
    packages: int = 0,
    way: Way = Way.GATE,
) -> Reported:
    request_id = f"report-{next(ids)}"
    claim = Claim("gate_out", TERMINAL, request_id, f"{container} {order} {number} {packages}".encode(), number)
    return Reported(claim, Report(number, order, container, way, packages), NOW, "G-4", "浙B12345", terminal)


def out(connection: Connection, gate: Gate, *reports: Reported, now: int = NOW) -> list[Any]:
    """The answers: the container that left, or why it stays."""
    answers = report_gate_outs(connection, gate, reports, now)
    return [answer.subject if isinstance(answer, GateOut) else type(answer) for answer in answers]
