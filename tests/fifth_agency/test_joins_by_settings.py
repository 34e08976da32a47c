"""A fifth agency joins by settings alone: its refusal blocks where its approval is required, and is shown elsewhere."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from processes import address_of, clearance_service, end, launch, make_certificates

from agencykit.testing.consignments import sea_import
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance

BROKER = "3104980001"
HONEST, OWES = "3302910001", "3302910666"
IMPORT, EXPORT = Consignment.DIRECTION_IMPORT, Consignment.DIRECTION_EXPORT
# Inspection alone must approve, and lets rivet nuts pass at once; for exports the tax office must approve too.
POLICY = """
version = "fifth-1"

[[required]]
direction = "*"
mode = "*"
agencies = ["inspection"]

[[required]]
direction = "export"
mode = "*"
agencies = ["inspection", "tax"]
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The public face of a gateway that was told of a tax office by its environment, and of nothing else new."""
    folder = tmp_path_factory.mktemp("fifth")
    pki = folder / "pki"
    make_certificates(pki, "inspection", "gateway", "tax", f"broker/{BROKER}", signing=("tax",))
    (folder / "policy.toml").write_text(POLICY)
    with ExitStack() as running:
        inspection = launch("inspection", folder, pki)
        running.callback(end, inspection)
        tax = launch("tax", folder, pki, path=Path(__file__).parent, arrears=json.dumps([OWES]))
        running.callback(end, tax)
        told = {
            "agencies__inspection__address": address_of("inspection", folder, inspection),
            "agencies__tax__address": address_of("tax", folder, tax),
            "policy_file": folder / "policy.toml",
        }
        process = launch("gateway", folder, pki, **told)
        running.callback(end, process)
        address = address_of("gateway", folder, process)
        yield running.enter_context(clearance_service(address, pki, f"broker-{BROKER}"))


def submit(gateway: Any, trader: str, direction: "Consignment.Direction.ValueType") -> Clearance:
    consignment = sea_import(f"{trader}-{direction}")
    consignment.direction = direction
    consignment.trader.identifier = trader
    request = pb.SubmitClearanceRequest(request_id=str(uuid.uuid4()), consignment=consignment)
    clearance: Clearance = gateway.SubmitClearance(request, timeout=15).clearance
    return clearance


def tax_of(clearance: Clearance) -> AgencyStanding:
    (standing,) = (each for each in clearance.agencies if each.agency == "tax")
    return standing


def once_tax_has_answered(gateway: Any, number: str, seconds: float = 20) -> Clearance:
    """An agency that is merely asked is not waited for, so its answer may come after the caller's."""
    began = time.monotonic()
    while True:
        clearance: Clearance = gateway.GetClearance(pb.GetClearanceRequest(number=number), timeout=10).clearance
        if tax_of(clearance).HasField("decision"):
            return clearance
        assert time.monotonic() - began < seconds, clearance
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("trader", "direction", "required", "verdict", "state"),
    [
        (HONEST, EXPORT, True, Decision.VERDICT_APPROVED, Clearance.STATE_RELEASED),
        (OWES, EXPORT, True, Decision.VERDICT_REFUSED, Clearance.STATE_REFUSED),
        (HONEST, IMPORT, False, Decision.VERDICT_APPROVED, Clearance.STATE_RELEASED),
        (OWES, IMPORT, False, Decision.VERDICT_REFUSED, Clearance.STATE_RELEASED),
    ],
    ids=["required and approved", "required and refused", "asked and approved", "asked and refused"],
)
def test_the_policy_says_whether_its_refusal_blocks(
    gateway: Any,
    trader: str,
    direction: "Consignment.Direction.ValueType",
    required: bool,
    verdict: "Decision.Verdict.ValueType",
    state: "Clearance.State.ValueType",
) -> None:
    clearance = once_tax_has_answered(gateway, submit(gateway, trader, direction).number)
    standing = tax_of(clearance)
    assert (standing.required, standing.decision.verdict, clearance.state) == (required, verdict, state)
    findings = [(found.rule_id, dict(found.parameters)) for found in standing.decision.findings]
    assert findings == ([("TAX-502", {"trader": OWES})] if trader == OWES else [])
