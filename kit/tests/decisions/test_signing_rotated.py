"""An agency gets another signing key: what it signed before holds beside what it signs after."""

from datetime import timedelta
from typing import Any

import pytest

from agencykit.certifying.acts import rotate_signing
from agencykit.evidence import Verifier
from agencykit.testing.authority import DISTRICT, certificates
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal


@pytest.mark.asyncio
async def test_what_was_decided_before_a_rotation_and_after_it_is_proved_by_what_the_agency_tells_of_itself(
    harbour: Any,
) -> None:
    first, second = harbour.number(), harbour.number()
    before = await harbour.open()
    await harbour.decide(before, first)
    await before.app.stop()
    now = harbour.runtime.clock.now()
    rotate_signing(certificates(), DISTRICT, ["weighbridge"], 90, now)
    after = await harbour.open()
    assert (await harbour.decide(after, second)).clearance_number == second
    reader = Verifier.trusting(after.verifier.identity, (certificates() / "ca.pem").read_bytes())
    for told in (await after.gateway.describe()).signing_certificates:
        reader.admit(told.certificate)
    signed = [await after.gateway.decision(number) for number in (first, second)]
    assert [reader.verify(each).clearance_number for each in signed] == [first, second]
    old, new = (BatchSeal.FromString(each.seal).key_id for each in signed)
    assert old != new
    assert reader.in_force(new, int((now + timedelta(days=89)).timestamp()))
    assert not reader.in_force(new, int((now + timedelta(days=91)).timestamp()))
    assert Decision.FromString(signed[0].decision).revision == 1
