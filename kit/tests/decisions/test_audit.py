"""No act without its row, no decision without its place in the log: what cannot be written down is not done."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agencykit.decisions import tables
from agencykit.decisions.completeness import view_age
from agencykit.decisions.heads import keep_own_key
from agencykit.evidence.certificates import key_id_of
from agencykit.identity import Identity
from agencykit.pki import issue_signing, load
from agencykit.refusals import Unavailable
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.storage.times import to_micros
from agencykit.testing.authority import certificates
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.running import AGENCY_SERVICE
from clearance.agency.v1 import agency_service_pb2 as pb

from .conftest import Harbour


def renamed(harbour: Harbour, table: str, name: str) -> None:
    engine = make_engine(harbour.url, connections=0)
    with engine.begin() as connection:
        run(connection, f"ALTER TABLE {table} RENAME TO {name}")
    engine.dispose()


async def test_without_an_audit_no_fact_is_taken_and_nobody_is_woken(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.decide(office, number)
    renamed(harbour, "audit", "lost")
    with pytest.raises(Exception, match=r"storage|42P01"):
        await harbour.weigh(office, {number: 1000.0})
    renamed(harbour, "lost", "audit")
    assert await harbour.settled(office) == 0, "nothing of the note stayed"
    assert await harbour.weigh(office, {number: 1000.0}), "the same note is no replay"


async def test_without_a_log_nothing_is_decided(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    renamed(harbour, "seals", "lost")
    with suppress(Unavailable):
        [answer] = await office.gateway.assess(harbour.item(number))
        assert answer.WhichOneof("answer") == "error"
    renamed(harbour, "lost", "seals")
    assert await harbour.numbers(office) == []
    assert await harbour.rows(office, tables.decisions, number) == []


async def test_a_word_of_the_gateway_is_taken_though_the_audit_cannot_be_sealed(
    harbour: Harbour, office: InlineAgency
) -> None:
    """Its next word finds the same rows; until then the agency tells no heads."""
    await harbour.decide(office, harbour.number())
    assert [(head.log, head.sequence) for head in (await completed(office)).heads] == [("weighbridge/1", 1)]
    await harbour.decide(office, harbour.number())
    renamed(harbour, "audit_pages", "lost")
    assert not (await completed(office)).heads
    gateway, now = str(Identity.of_district("ningbo", "gateway")), to_micros(harbour.runtime.clock.now())
    assert await office.app.parts.database.read(view_age, gateway, now) == pytest.approx(0, abs=60e6)
    renamed(harbour, "lost", "audit_pages")
    assert [(head.log, head.sequence) for head in (await completed(office)).heads] == [("weighbridge/1", 2)]


async def completed(office: InlineAgency) -> pb.RecordOutcomesResponse:
    """The five-second word."""
    request = pb.RecordOutcomesRequest()
    request.complete_time.GetCurrentTime()
    return await office.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)


async def test_an_agency_tells_every_certificate_by_which_it_ever_signed(
    harbour: Harbour, office: InlineAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest first; the feed still holds what the older key signed."""
    authority = load(certificates() / "ca.pem", certificates() / "ca.key")
    issued = issue_signing(authority, Identity.of_district("ningbo", "weighbridge"))
    old = issued.certificate.public_bytes(Encoding.DER)
    await office.app.parts.database.write(keep_own_key, key_id_of(old), old, 1)
    later = await harbour.open(replica="2")
    told = (await later.gateway.describe()).signing_certificates
    assert [each.certificate for each in told] == [later.app._decider.signer.certificate, old]
