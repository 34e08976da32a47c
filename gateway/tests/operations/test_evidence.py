"""Only what an agency itself has signed, on the very version asked about, ever counts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from agencykit.evidence import load_signer
from clearance.agency.v1 import agency_service_pb2 as agency_pb
from clearance.common.v1 import decision_pb2
from clearance.gateway.v1 import clearance_pb2 as pb

RELEASED = pb.Clearance.STATE_RELEASED


class Forger:
    """Stands between an agency and the gateway and bends what the agency answers."""

    def __init__(self, office: Any, monkeypatch: Any, bend: Any) -> None:
        self._invoke, self._stream, self._bend = office.layers.invoke, office.layers.stream, bend
        monkeypatch.setattr(office.layers, "invoke", self.invoke)
        monkeypatch.setattr(office.layers, "stream", self.stream)

    async def invoke(self, path: str, *rest: Any) -> bytes:
        answer: bytes = await self._invoke(path, *rest)
        if not path.endswith("/AssessConsignments"):
            return answer
        response = agency_pb.AssessConsignmentsResponse.FromString(answer)
        for each in response.answers:
            self._bend(each.decision)
        return response.SerializeToString()

    async def stream(self, path: str, *rest: Any) -> Any:
        """No feed: the reply alone must not be believed."""
        await asyncio.sleep(3600)
        yield b""


def other_signature(signed: Any) -> None:
    signed.signature = bytes(64)


def other_verdict(signed: Any) -> None:
    decision = decision_pb2.Decision.FromString(signed.decision)
    decision.verdict = decision_pb2.Decision.VERDICT_APPROVED
    signed.decision = decision.SerializeToString()


def other_place(signed: Any) -> None:
    signed.proof.count += 1


@pytest.mark.parametrize(
    ("bend", "reason"), [(other_signature, "UNTRUSTED"), (other_verdict, "GARBLED"), (other_place, "GARBLED")]
)
async def test_a_decision_that_is_not_proved_parks_its_part(
    district: Any, broker: Any, reference: str, make: Any, monkeypatch: Any, bend: Any, reason: str
) -> None:
    first = await broker.submit(make.air_import(f"{reference}-first"))
    assert first.state == RELEASED, "the agency's certificates are known before it is forged"
    Forger(district.offices["port"], monkeypatch, bend)
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    assert clearance.agencies[3].park_reason in (reason, "UNTRUSTED")
    assert not clearance.agencies[3].HasField("decision")
    assert not clearance.orders


async def test_a_decision_on_another_case_never_counts(
    district: Any, broker: Any, reference: str, make: Any, monkeypatch: Any
) -> None:
    """The agency answers with its own, well signed decision about another case."""
    earlier = await broker.get((await broker.submit(make.air_import(f"{reference}-first"))).number)
    theirs = earlier.agencies[3].signed_decision

    def swap(signed: Any) -> None:
        signed.CopyFrom(theirs)

    Forger(district.offices["port"], monkeypatch, swap)
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.agencies[3].park_reason == "GARBLED"
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS


async def test_an_agency_that_signs_with_anothers_key_is_not_believed(
    district: Any, reference: str, make: Any, monkeypatch: Any
) -> None:
    """The port signs with customs' key, which the same authority has issued."""
    port, customs = district.offices["port"].app, district.offices["customs"].app
    settings = customs.parts.settings
    signer = load_signer(settings.signing_cert_file, settings.signing_key_file)
    monkeypatch.setattr(port._decider, "signer", signer)
    gateway = await district.open_gateway()
    clearance = await gateway.caller().submit(make.air_import(reference))
    assert clearance.agencies[3].park_reason == "UNTRUSTED"
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS


@pytest.mark.parametrize("by", ["serial", "identity"])
async def test_what_a_revoked_key_signs_from_now_on_counts_no_more(
    district: Any, reference: str, make: Any, tmp_path: Path, monkeypatch: Any, by: str
) -> None:
    monkeypatch.setattr("agencykit.rpc.denied._REREAD_SECONDS", 0.0)
    denied = tmp_path / "denied.toml"
    denied.write_text("")
    broker = (await district.open_gateway(denied_file=denied)).caller()
    assert (await broker.submit(make.air_import(f"{reference}-before"))).state == RELEASED
    settings = district.offices["port"].app.parts.settings
    certificate = x509.load_pem_x509_certificate(settings.signing_cert_file.read_bytes())
    serial = f'serials = ["{certificate.serial_number:X}"]'
    denied.write_text(serial if by == "serial" else 'identities = ["spiffe://ningbo.clearance/port"]')
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.agencies[3].park_reason == "UNTRUSTED"
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
