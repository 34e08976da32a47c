"""What is submitted stands in the database and in the answer to who may see it: in no log, span, metric or refusal."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from besieged import SUBMIT, Besieged, besieged
from canaries import CANARY, sung
from google.protobuf import json_format
from google.protobuf.message import Message

from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest, SubmitClearanceResponse
from clearance.gateway.v1.complaint_pb2 import ComplaintContact
from clearance.gateway.v1.complaint_service_pb2 import FileComplaintRequest
from tongguan.facts import FACT_KINDS
from tongguan.sample.generation import generate

pytestmark = pytest.mark.timeout(300)
FILE = "/clearance.gateway.v1.ComplaintService/FileComplaint"


def submissions(count: int) -> Iterator[tuple[list[Message], SubmitClearanceRequest]]:
    """Each with the facts that stand before it in a sample."""
    facts: list[Message] = []
    for line in generate(count, 7, datetime.now(UTC)):
        ((name, content),) = line.items()
        if name == "submission":
            request = json_format.ParseDict(content, SubmitClearanceRequest())
            request.request_id = str(uuid4())
            yield facts, request
            facts = []
        else:
            kind = FACT_KINDS[name]
            facts.append(kind.batch(str(uuid4()), [json_format.ParseDict(content, kind.message())]))


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Besieged]:
    async with AsyncExitStack() as stack:
        yield await besieged(stack, tmp_path, watched=True)


async def _told(watched: Besieged, request: Message, path: str = SUBMIT) -> tuple[grpc.StatusCode, bytes]:
    method: Any = next(each for each in watched.methods() if each.path == path)
    return await watched.call(method, request.SerializeToString(), 20)


async def test_canaries_are_found_in_the_database_and_the_answer_and_nowhere_else(watched: Besieged) -> None:
    methods = {kind.request: kind.method for kind in FACT_KINDS.values()}
    refusals: list[bytes] = []
    made = list(submissions(6))
    for facts, request in made[:5]:
        for fact in facts:
            assert (await _told(watched, fact, methods[type(fact)]))[0] is grpc.StatusCode.OK
        assert sung(request) >= 10
        code, said = await _told(watched, request)
        assert code is grpc.StatusCode.OK, said
        assert CANARY.encode() in said, "its broker is told what he submitted"
    for flaw in ("\u202e", "\n", "x" * 600):  # refused by the form
        broken = SubmitClearanceRequest()
        broken.CopyFrom(made[0][1])
        broken.request_id, broken.consignment.reference = str(uuid4()), f"{CANARY}{flaw}"
        broken.consignment.trader.name = f"{CANARY}{flaw}"
        refusals.append((await _told(watched, broken))[1])
    reused = SubmitClearanceRequest()
    reused.CopyFrom(made[1][1])
    reused.consignment.items[0].description = f"{CANARY} another"  # the same request id with other content
    refusals.append((await _told(watched, reused))[1])
    foreign = SubmitClearanceRequest()
    foreign.CopyFrom(made[2][1])
    foreign.request_id, foreign.consignment.broker_licence = str(uuid4()), f"{CANARY}7"  # another's licence
    refusals.append((await _told(watched, foreign))[1])
    refusals.append((await watched.call(_submit(watched), f"\x0a\xff{CANARY}".encode("latin-1"), 20))[1])
    await watched.stop("inspection")  # and now parked
    sung(made[5][1])
    code, said = await _told(watched, made[5][1])
    assert code is grpc.StatusCode.OK
    assert SubmitClearanceResponse.FromString(said).clearance.waiting
    contact = ComplaintContact(name=f"{CANARY} Zhang", address=f"{CANARY} 0574-8888")
    filed = FileComplaintRequest(request_id=str(uuid4()), kind_id="CONDUCT", contact=contact, token="KANARE" + "7" * 20)
    filed.paragraphs.append(f"{CANARY} was refused at the desk.")
    assert (await _told(watched, filed, FILE))[0] is grpc.StatusCode.OK
    filed.paragraphs.append(f"{CANARY} again")  # the same request id with other content
    refusals.append((await _told(watched, filed, FILE))[1])
    assert all(refusals)
    assert not [each for each in refusals if CANARY.encode() in each]
    assert CANARY.encode() in (watched.folder / "ningbo" / "gateway.db-wal").read_bytes()
    await asyncio.sleep(0.5)
    for telemetry in watched.telemetries:
        telemetry.flush()
    written = dict(_written(watched))
    for where in ("gateway.log", "gateway-spans.db", "metrics of gateway"):  # they do tell of these calls
        assert any(b"SubmitClearance" in content for name, content in written.items() if name.startswith(where)), where
    assert [name for name, content in written.items() if CANARY.encode() in content or b"KANARE" in content] == []


def _submit(watched: Besieged) -> Any:
    return next(each for each in watched.methods() if each.path == SUBMIT)


def _written(watched: Besieged) -> Iterator[tuple[str, bytes]]:
    """Logs, spans and metrics of all services."""
    for file in sorted(watched.folder.glob("*")):
        if file.is_file():
            yield file.name, file.read_bytes()
    for role, port in watched.metrics.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            yield f"metrics of {role}", answer.read()
