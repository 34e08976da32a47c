"""A district in one process: the gateway and four weighbridges under the agencies' names, each on its own database.

A weighbridge answers NOT_SUBJECT for air cargo at once; for sea cargo it waits for a weight note, has the goods
examined where note and declaration disagree, holds what lies at HOLD-YARD and seizes what lies at SEIZURE-YARD.
"""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text

from agencykit.agency import build_agency
from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.rpc.layers import Layers
from agencykit.rpc.transport import Transport
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.storage.engines import make_engine
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT
from agencykit.testing.example_agency import DEFINITION, WEIGHT_NOTE, note_weights
from agencykit.testing.inline import InlineTransport
from agencykit.testing.postgres import own_database
from agencykit.testing.running import agency_settings
from agencykit.testing.virtual import virtual_time

from .parties import Office, Replica

Told = TypeVar("Told")


def weighed_again(view: Any, facts: Any) -> list[tuple[str, str]]:
    """A later weight note has the agency decide again, also after it has approved."""
    return [(WEIGHT_NOTE, view.transport_document_number)] if view.by_sea else []


@dataclass
class District:
    """Opens agencies and gateway replicas, and speaks to them."""

    folder: Path
    runtime: Runtime
    stack: AsyncExitStack
    database_url: str
    # Databases already migrated, to be copied.
    templates: Path
    offices: dict[str, Office] = field(default_factory=dict)

    @classmethod
    def in_its_own_time(cls, folder: Path, templates: Path, story: Callable[["District"], Awaitable[Told]]) -> Told:
        """Plays a story in a district without agencies yet, in virtual time; returns what it tells."""
        shutil.copy(templates / "gateway.db", folder / "gateway.db")
        # The certificates are of today.
        with virtual_time(start=datetime.now(UTC)) as world:

            async def play() -> Told:
                async with AsyncExitStack() as stack:
                    url = f"sqlite+pysqlite:///{folder / 'gateway.db'}"
                    return await story(cls(folder, world.runtime, stack, url, templates))

            return world.loop.run_until_complete(play())

    async def open_agency(self, name: str) -> Office:
        """A weighbridge under an agency's name, on a database of its own."""
        if not (self.folder / f"{name}.db").exists():
            shutil.copy(self.templates / "agency.db", self.folder / f"{name}.db")
        url = own_database(self.folder / f"{name}.db")
        settings = agency_settings(ServiceSettings, name, url, span_store=self.folder / f"{name}.spans")
        telemetry = Telemetry(settings, name, self.runtime)
        definition = replace(DEFINITION, name=name, interests=weighed_again)
        app = build_agency(definition, settings, self.runtime, telemetry)
        self.stack.callback(telemetry.close)
        self.stack.push_async_callback(app.stop)
        await app.start()
        layers = Layers(settings, self.runtime, app.services, telemetry)
        self.offices[name] = Office(app, layers, telemetry)
        return self.offices[name]

    async def open_gateway(self, replica: str = "1", **fields: Any) -> Replica:
        """A gateway replica on the district's database; `stop` comes with the district's end."""
        made = self.build_gateway(replica, **fields)
        self.stack.push_async_callback(made.app.stop)
        await made.app.start()
        return made

    def build_gateway(self, replica: str = "1", **fields: Any) -> Replica:
        """A replica that has not begun."""
        from gateway.app import GatewayApp
        from gateway.operations.settings import AgencySettings, GatewaySettings

        fields.setdefault("agencies", {name: AgencySettings(address="in.process:1") for name in self.offices})
        fields.setdefault("span_store", self.folder / f"gateway-{replica}.spans")
        settings = agency_settings(GatewaySettings, "gateway", self.database_url, replica=replica, **fields)
        assert isinstance(settings, GatewaySettings)
        telemetry = Telemetry(settings, "gateway", self.runtime)
        self.stack.callback(telemetry.close)
        app = GatewayApp(settings, self.runtime, telemetry, self._connect(telemetry))
        return Replica(app, Layers(settings, self.runtime, app.services, telemetry), telemetry, self.runtime)

    def _connect(self, telemetry: Telemetry) -> Any:
        def connect(name: str, address: str, identity: Identity) -> Transport:
            office = self.offices[name]
            own = Identity.of_district(DISTRICT, "gateway")
            return InlineTransport(office.layers, own, telemetry, office.pass_by)

        return connect

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands in the gateway's database."""
        engine = make_engine(self.database_url, connections=0)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found

    def damage(self, change: str) -> None:
        """Changes the gateway's database behind its back."""
        engine = make_engine(self.database_url, connections=0)
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()

    def untold(self) -> list[tuple[Any, ...]]:
        """Numbers of the cases of whose outcomes some agency is still to be told."""
        return self.rows("SELECT number FROM untold UNION SELECT number FROM outbox")

    async def weigh(self, reference: str, kilograms: float = 1000.0, *names: str) -> None:
        """Lodges a weight note for the bill of lading of `sea_import(reference)`, by default at every agency."""
        clock = self.runtime.clock
        identity = Identity.of_district(DISTRICT, "operator/port-office")
        for name in names or self.offices:
            call = Call(identity, "/example/NoteWeights", clock.monotonic() + 10, None, clock)
            notes = {f"HLCU{reference}"[:35]: kilograms}
            await note_weights(self.offices[name].app.parts, call, self.runtime.ids.uuid(), notes)
