"""The Node agency in the port's place: three agencies and the gateway of the house do not notice who decides there."""

import json
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from district import district, sample
from processes import clearance_service, free_port

from agencykit.evidence import Verifier
from agencykit.identity import Identity
from clearance.common.v1.decision_pb2 import Decision, Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, SignedReleaseOrder
from clearance.gateway.v1.clearance_service_pb2 import GetClearanceRequest, ListClearancesRequest

# Facts of the house's own port: the Node agency has no service to lodge them with.
OF_THE_PORT = {"manifest", "arrival", "tally", "place", "hold", "delivery_order"}
LOG = "port/node-1"
FINAL = {Clearance.STATE_RELEASED, Clearance.STATE_REFUSED}
Known = dict[str, Clearance]


def sample_in_two(folder: Path) -> tuple[Path, Path]:
    """A sample without the port's facts: all other facts with the first half of the submissions, then the rest."""
    lines = sample(folder / "sample.jsonl", 24, seed=2004).read_text().splitlines()
    kept = [line for line in lines if not OF_THE_PORT & set(json.loads(line))]
    submissions = [line for line in kept if "submission" in json.loads(line)]
    facts = [line for line in kept if "submission" not in json.loads(line)]
    first, second = folder / "first.jsonl", folder / "second.jsonl"
    first.write_text("\n".join([*facts, *submissions[:12]]) + "\n")
    second.write_text("\n".join(submissions[12:]) + "\n")
    return first, second


def known(gateway: Any) -> Known:
    """Every clearance by number."""
    listed = gateway.ListClearances(ListClearancesRequest(page_size=100), timeout=10).clearances
    return {clearance.number: clearance for clearance in listed}


def port_of(clearance: Clearance) -> AgencyStanding:
    """Where the port stands."""
    (standing,) = (each for each in clearance.agencies if each.agency == "port")
    return standing


def waits_for_machines(clearance: Clearance) -> set[str]:
    return {waiting.party for waiting in clearance.waiting if waiting.kind == Waiting.KIND_MACHINE}


def parked_or_refused(clearance: Clearance) -> bool:
    return clearance.state == Clearance.STATE_REFUSED or "port" in waits_for_machines(clearance)


def settled(clearance: Clearance) -> bool:
    """At an end, or waiting for persons only; the scales are persons too, but they act by themselves."""
    if clearance.state in FINAL:
        return True
    weighing = any(waiting.fact_kind == "weighing" for waiting in clearance.waiting)
    return bool(clearance.waiting) and not weighing and not waits_for_machines(clearance)


def wait_until(gateway: Any, holds: Callable[[Clearance], bool], count: int, seconds: float = 30) -> Known:
    """Waits until `count` clearances are known and it holds for each."""
    began = time.monotonic()
    while True:
        clearances = known(gateway)
        if len(clearances) == count and all(map(holds, clearances.values())):
            return clearances
        assert time.monotonic() - began < seconds, [each for each in clearances.values() if not holds(each)][:3]
        time.sleep(0.1)


def journalled(folder: Path) -> Counter[tuple[str, int, int]]:
    """How often the Node agency wrote each (clearance, version, revision)."""
    entries = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    made = [decision for entry in entries for decision in entry.get("batch", ())]
    return Counter((decision["number"], decision["version"], decision["revision"]) for decision in made)


def check_order(order: SignedReleaseOrder, pki: Path) -> None:
    """The release order holds the port's approval, and it verifies offline against the port's own certificate."""
    verifier = Verifier.trusting(Identity.of_district("ningbo", "port"), (pki / "ca.pem").read_bytes())
    certificate = load_pem_x509_certificate((pki / "port-signing.pem").read_bytes())
    verifier.admit(certificate.public_bytes(Encoding.DER))
    signed = {sha256(each.decision).digest(): each for each in order.decisions}
    [reference] = [each for each in order.order.decisions if each.agency == "port"]
    decision = verifier.verify(signed[reference.decision_digest])
    assert (decision.log, decision.clearance_number) == (LOG, order.order.clearance_number)
    assert decision.verdict == Decision.VERDICT_APPROVED


def test_releases_rest_on_what_an_agency_in_another_language_signed(tmp_path: Path, run_node_agency: Any) -> None:
    first, second = sample_in_two(tmp_path)
    port = free_port()
    with district(tmp_path, "--agency", f"port=127.0.0.1:{port}", "--without", "port") as ningbo:
        pki = ningbo.state / "pki"
        address = ningbo.endpoints()["services"]["gateway"]["address"]
        with (
            run_node_agency(tmp_path, pki, port, weigh_above=1000) as node,
            clearance_service(address, pki, "operator-port-office") as gateway,
        ):
            # (1) The first half is decided, some of it after the scales, through the feed.
            ningbo.tongguan("submit", str(first))
            before = wait_until(gateway, settled, 12)
            assert {port_of(clearance).decision.log for clearance in before.values()} == {LOG}
            assert 2 in {port_of(clearance).decision.revision for clearance in before.values()}
            released = [clearance for clearance in before.values() if clearance.state == Clearance.STATE_RELEASED]
            whole = gateway.GetClearance(GetClearanceRequest(number=released[0].number), timeout=10).clearance
            check_order(whole.orders[-1], pki)

            # (2) kill -9: what is submitted meanwhile is accepted, parked on the port, and not approved without it.
            node.kill()
            ningbo.tongguan("submit", str(second))
            meanwhile = set(known(gateway)) - set(before)
            # What customs has refused meanwhile waits for nobody.
            wait_until(gateway, lambda each: each.number in before or parked_or_refused(each), 24)
            assert {known(gateway)[number].state for number in meanwhile} & FINAL <= {Clearance.STATE_REFUSED}

            # (3) It comes back with all it had signed; everything settles by itself, and nothing is decided twice.
            node.start()
            assert node.decisions_at_start >= 12
            after = wait_until(gateway, settled, 24)
            assert all(after[number].state == clearance.state for number, clearance in before.items())
            assert Clearance.STATE_RELEASED in {after[number].state for number in meanwhile}
            assert set(journalled(tmp_path).values()) == {1}
