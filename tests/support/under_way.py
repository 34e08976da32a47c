"""Two districts as processes between which goods move, and the people who send and receive them."""

import asyncio
import json
import uuid
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from district import inside
from guaranteed import ACCESS_CODE
from in_transit import BROKER, GRNS, HOLDER, OFFICER, OFFICES, declaration_of
from processes import Process, address_of, free_port, launch
from simulated import CODES, CUSTOMS_ALONE

from agencykit.bundles import issue_next
from agencykit.pki import equip
from clearance.customs.v1.register_service_pb2 import Carrier, RegisterCarriersRequest
from clearance.customs.v1.register_service_pb2_grpc import RegisterServiceStub
from clearance.district.v1 import movement_pb2 as transit
from clearance.gateway.v1 import transit_service_pb2 as pb
from clearance.gateway.v1.guarantee_release_service_pb2 import NamedGuarantee
from clearance.gateway.v1.transit_service_pb2_grpc import TransitServiceStub

LIMIT = "9999999.00"
PEOPLE = (BROKER, OFFICER)
# A gateway that is frozen answers nothing; one that is away refuses at once.
CALL_SECONDS, AGAIN_SECONDS = 5.0, 0.1
_AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
_RECONNECTING = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
Movement = pb.Movement


@dataclass
class UnderWay:
    """One district: gateway and customs, a broker and an officer, who repeat what was not answered, under its id."""

    name: str
    folder: Path
    stack: AsyncExitStack
    port: int = field(default_factory=free_port)
    services: dict[str, Process] = field(default_factory=dict)
    customs: str = ""
    stubs: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, Any] = field(default_factory=dict)
    # So many calls at a time.
    hands: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))

    def prepare(self) -> None:
        """Certificates, and the bundle for partners."""
        self.folder.mkdir()
        equip(self.folder, self.name, ["gateway", "customs", "district", *PEOPLE])
        issue_next(self.folder, self.folder / "bundle.json", self.name, CODES[self.name], datetime.now(UTC))
        (self.folder / "policy.toml").write_text(CUSTOMS_ALONE)

    def know(self, other: "UnderWay", address: str = "") -> None:
        """Makes it a partner, which is called at this address if not where it listens."""
        self.partners[other.name] = {
            "address": address or f"127.0.0.1:{other.port}",
            "bundle_file": str(other.folder / "bundle.json"),
            "customs_district_code": CODES[other.name],
            "guarantee_offices": [GRNS[other.name][4:8]],
        }

    async def open(self) -> None:
        """Starts both services and enters a guarantee of the holder."""
        own = {"district": self.name, "customs_district_code": CODES[self.name]}
        self.services["customs"] = launch("customs", self.folder, self.folder, **own)
        self.customs = address_of("customs", self.folder, self.services["customs"])
        self.start()
        address_of("gateway", self.folder, self.services["gateway"])
        for path in PEOPLE:
            channel = self._channel(f"127.0.0.1:{self.port}", path)
            self.stubs[path.partition("/")[0]] = TransitServiceStub(await self.stack.enter_async_context(channel))
        self.guarantee("register", GRNS[self.name], "--holder", HOLDER, "--limit", LIMIT)
        await self._enter_carrier()

    async def _enter_carrier(self) -> None:
        """The holder carries his goods himself."""
        request = RegisterCarriersRequest(request_id=str(uuid.uuid4()), carriers=[Carrier(identifier=HOLDER)])
        async with self._channel(self.customs, OFFICER) as customs:
            await RegisterServiceStub(customs).RegisterCarriers(request, timeout=CALL_SECONDS)

    def _channel(self, address: str, path: str) -> grpc.aio.Channel:
        names = ("ca.pem", f"{path.replace('/', '-')}.key", f"{path.replace('/', '-')}.pem")
        credentials = grpc.ssl_channel_credentials(*((self.folder / name).read_bytes() for name in names))
        return grpc.aio.secure_channel(address, credentials, options=_RECONNECTING)

    def start(self) -> None:
        """Starts the gateway, on its port."""
        self.services["gateway"] = launch(
            "gateway",
            self.folder,
            self.folder,
            district=self.name,
            customs_district_code=CODES[self.name],
            port=self.port,
            agencies=json.dumps({"customs": self.customs}),
            policy_file=self.folder / "policy.toml",
            partners=json.dumps(self.partners),
            bundle_file=self.folder / "bundle.json",
            **dict.fromkeys(("slot_agency", "gate_agency", "transfer_agency"), ""),
        )

    def kill(self) -> None:
        """kill -9 of the gateway."""
        self.services["gateway"].kill()
        self.services["gateway"].wait(10)

    def guarantee(self, *arguments: str) -> str:
        """What `tongguan guarantee …` prints; access codes come from the environment."""
        stem = self.folder / "operator-officer-customs"
        files = ("--ca", f"{self.folder / 'ca.pem'}", "--cert", f"{stem}.pem", "--key", f"{stem}.key")
        return inside("guarantee", *arguments, "--agency", f"customs={self.customs}", *files)

    async def call(self, who: str, method: str, request: Any) -> Any:
        """The answer, however often it must be asked for."""
        while True:
            try:
                async with self.hands:
                    return await getattr(self.stubs[who], method)(request, timeout=CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                if error.code() not in _AWAY:
                    raise
            await asyncio.sleep(AGAIN_SECONDS)

    async def act(self, method: str, mrn: str, **fields: Any) -> Movement:
        """The officer does something to a movement."""
        request = getattr(pb, f"{method}Request")(request_id=str(uuid.uuid4()), mrn=mrn, **fields)
        movement: Movement = (await self.call("operator", method, request)).movement
        return movement

    async def send(self, lrn: str, to: str, home: str = "") -> str:
        """Declares goods on a guarantee that this district or `home` keeps, and lets them leave; the MRN."""
        named = [NamedGuarantee(grn=GRNS[home or self.name], access_code=ACCESS_CODE)]
        request = pb.DeclareMovementRequest(request_id=str(uuid.uuid4()), guarantees=named)
        request.declaration.CopyFrom(declaration_of(lrn, self.name, to))
        movement = (await self.call("broker", "DeclareMovement", request)).movement
        terms = pb.ReleaseTerms(seal_numbers=[f"CN-{lrn}"], control_result_code="A1")
        decision = pb.DecideDepartureRequest.DECISION_RELEASE
        await self.act("DecideDeparture", movement.mrn, decision=decision, release=terms)
        mrn: str = movement.mrn
        return mrn

    async def receive(self, mrn: str) -> None:
        """Goods arrive, are unloaded and found as declared."""
        intact = transit.SEAL_STATE_INTACT
        await self.act("ArriveMovement", mrn, office_code=OFFICES[self.name], seal_state=intact)
        await self.act("PermitUnloading", mrn)
        remarks = transit.UnloadingRemarks(conform=True, seal_state=intact)
        remarks.unload_time.GetCurrentTime()
        await self.act("RecordUnloading", mrn, remarks=remarks)

    async def listed(self, *states: "Movement.State.ValueType") -> list[Movement]:
        """Up to 1000 movements in these states, without what happened to them."""
        request = pb.ListMovementsRequest(states=states, page_size=1000)
        return list((await self.call("operator", "ListMovements", request)).movements)

    async def whole(self, mrns: Iterable[str]) -> Sequence[Movement]:
        """Movements with all that happened to them."""
        requests = [pb.GetMovementRequest(reference=mrn) for mrn in mrns]
        answers = await asyncio.gather(*(self.call("operator", "GetMovement", each) for each in requests))
        return [answer.movement for answer in answers]
