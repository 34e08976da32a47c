"""Goods move on a guarantee that another district keeps, and that district goes away."""

from pathlib import Path

import pytest
from guaranteed import ACCESS_CODE
from in_transit import AS_WAS, BROKER, GRNS, TWO, InTransit, rest, state_of, told_in_transit

from agencykit.refusals import Unavailable
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease, NamedGuarantee


def test_while_its_home_is_away_an_interrupted_guarantee_is_replaced_by_another(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        await hangzhou.enter_guarantee()
        ningbo.part(hangzhou)
        with pytest.raises(Unavailable):
            await ningbo.declare("hangzhou", lrn="LRN-1", grn=GRNS["hangzhou"])
        await rest(15)
        [movement] = await ningbo.listed()
        assert state_of(movement) == "GUARANTEE_UNDER_AMENDMENT"
        named = [NamedGuarantee(grn=GRNS["ningbo"], access_code=ACCESS_CODE)]
        amended = await ningbo.act("AmendGuarantee", movement.mrn, BROKER, guarantees=named)
        assert (amended.guarantee.state, amended.guarantee.generation) == (GuaranteeRelease.STATE_CONFIRMED, 2)
        await ningbo.release(movement.mrn)
        ningbo.meet(hangzhou)
        await rest(90)
        found = await ningbo.get(movement.mrn)
        assert (state_of(found), found.guarantee.generation) == ("RELEASED", 2)
        assert [event.event for event in found.events].count("GUARANTEE_REFUSED") == 1
        assert await hangzhou.ledger() == AS_WAS

    told_in_transit(tmp_path, TWO, story)
