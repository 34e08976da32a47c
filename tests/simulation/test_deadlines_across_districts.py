"""Gateway, partner's gateway, its customs: whatever one does on another's behalf ends before that one's deadline."""

import asyncio
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from guaranteed import ABROAD, LEDGER, Guaranteed, rest
from guaranteed_districts import told_across

from agencykit.refusals import DeadlineTooShort, NotFound
from agencykit.rpc.admittance import MARGIN_SECONDS
from agencykit.rpc.layers import Layers
from clearance.district.v1 import district_service_pb2 as district
from clearance.gateway.v1 import clearance_service_pb2 as clearances

QUERY, GET = ABROAD + "QueryClearance", "/clearance.gateway.v1.ClearanceService/GetClearance"


class Hop(NamedTuple):
    """A call on its way: what it is, when its caller stops waiting, and the call on whose behalf it is made."""

    method: str
    deadline: float
    above: "Hop | None"


class Hops:
    """Every call that any party has taken, in virtual time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[Hop] = []
        self._answered: ContextVar[Hop | None] = ContextVar("hop", default=None)
        invoke = Layers.invoke

        async def watched(layers: Layers, path: str, request: bytes, peer: Any, seconds: float, more: Any) -> bytes:
            hop = Hop(path, asyncio.get_running_loop().time() + seconds, self._answered.get())
            self.taken.append(hop)
            token = self._answered.set(hop)
            try:
                return await invoke(layers, path, request, peer, seconds, more)
            finally:
                self._answered.reset(token)

        monkeypatch.setattr(Layers, "invoke", watched)

    def chains(self, *methods: str) -> list[Hop]:
        """Hops of the last of these methods, made on behalf of the one before, and so on."""
        found = []
        for hop in self.taken:
            each: Hop | None = hop
            for method in reversed(methods):
                if each is None or each.method != method:
                    break
                each = each.above
            else:
                found.append(hop)
        return found


def test_no_hop_has_longer_than_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hops = Hops(monkeypatch)

    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        clearance = await hangzhou.submitted()
        await ningbo.enter(clearance.consignment.trader.identifier)
        await hangzhou.ask(clearance)
        await rest()
        # A person of Ningbo, Ningbo's gateway, Hangzhou's: with less time than a gateway would take by itself.
        operator = ningbo.district.transport("gateway", "operator/port-office")
        asked = clearances.GetClearanceRequest(number=clearance.number)
        # Nothing of it is his to see, which Hangzhou says.
        with pytest.raises(NotFound):
            await operator.unary(GET, asked, clearances.GetClearanceResponse, timeout_seconds=1.5)
        # What could not be finished is not begun: customs is not asked.
        partner = ningbo.district.transport("gateway", "gateway", "hangzhou")
        before = len(hops.taken)
        use = district.GetGuaranteeUseRequest(key={"clearance_number": clearance.number, "generation": 1})
        with pytest.raises(DeadlineTooShort):
            await partner.unary(ABROAD + "GetGuaranteeUse", use, district.GetGuaranteeUseResponse, timeout_seconds=0.11)
        assert [hop.method for hop in hops.taken[before:]] == [ABROAD + "GetGuaranteeUse"]

    told_across(tmp_path, story)
    assert hops.chains(ABROAD + "HoldGuarantees", LEDGER + "HoldGuarantees"), "gateway, gateway, customs"
    assert hops.chains(GET, QUERY), "a person, gateway, gateway"
    for name in ("HoldGuarantees", "ConfirmGuarantees"):
        for hop in hops.chains(ABROAD + name, LEDGER + name):
            assert hop.above is not None
            assert hop.deadline <= hop.above.deadline - MARGIN_SECONDS, hop
    for hop in hops.chains(GET, QUERY):
        assert hop.above is not None
        assert hop.deadline <= hop.above.deadline - MARGIN_SECONDS, hop
