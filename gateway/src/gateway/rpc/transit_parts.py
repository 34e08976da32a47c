"""Customs transit put together; app.py has it beside all else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from agencykit.rpc.transport import Transport
from agencykit.runtime import Runtime
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.ledger import LedgerPort
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import Spans
from gateway.operations.quarantine import Aside
from gateway.operations.settings import GatewaySettings
from gateway.operations.transit.carriage import AnyCarrier
from gateway.operations.transit.carrier import MovementCarrier, MovementPort
from gateway.operations.transit.receive import Reception
from gateway.operations.transit.reserve import ReservationDriver, Reservations
from gateway.operations.transit.timers import MovementTimers
from gateway.operations.transit.transits import Transits
from gateway.rpc.carriers import TransportCarriers
from gateway.rpc.district_service import Find
from gateway.rpc.federation import Federation
from gateway.rpc.movement_delivery import Mailroom, TransportMovements
from gateway.rpc.transit_reading import TransitReader, hold_of
from gateway.rpc.transit_service import TransitServicer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the gateway transit stands in."""

    settings: GatewaySettings
    runtime: Runtime
    database: Database
    context: Callable[[], Context]
    duties: Duties
    spans: Spans
    log: Log
    aside: Aside


@dataclass(frozen=True, slots=True)
class Transit:
    """What app.py serves and runs."""

    servicer: TransitServicer
    find: Find
    mailroom: Mailroom
    carriers: list[MovementCarrier]
    loops: list[Loop]


def build_transit(
    around: Surroundings,
    ledgers: Mapping[str, LedgerPort],
    federation: Federation,
    register: Transport | None,
) -> Transit:
    """`ledgers` by home district; `register` leads to who keeps that of carriers."""
    settings, runtime, log = around.settings, around.runtime, around.log
    limits, shared = settings.limits, (around.database, around.context)
    mailroom = Mailroom(Reception(around.database, around.spans, log), settings.offices, around.context)
    ports: dict[str, MovementPort] = {settings.district: mailroom}
    ports |= {name: TransportMovements(partner, limits.call_budget) for name, partner in federation.ways.items()}
    chance = (runtime.clock, runtime.randomness)
    carriers = [
        MovementCarrier(name, port, *shared, around.duties, *chance, log, around.aside) for name, port in ports.items()
    ]
    seconds = settings.guarantee_amendment_hours * 3600
    reservations = Reservations(*shared, ledgers, hold_of, seconds, log)
    drivers = [ReservationDriver(home, reservations, around.duties, log, around.aside) for home in ledgers]
    timers = MovementTimers(*shared, around.duties, log, around.aside)
    named = bool(settings.carrier_agency)
    carriers_known = TransportCarriers(register, limits.call_budget) if named else AnyCarrier()
    transits = Transits(*shared, reservations, carriers_known, log, around.spans)
    _listen(carriers, timers, reservations, transits, mailroom.reception)
    reader = TransitReader(
        customs_district_code=settings.customs_district_code,
        offices=settings.offices,
        homes=settings.homes,
        limits=limits,
        spans=around.spans,
        ids=runtime.ids,
        now=lambda: around.context().now,
        year=lambda: datetime.fromtimestamp(around.context().now / 1e6, UTC).year,
        limit_days=settings.transit_limit_days,
    )
    servicer = TransitServicer(transits, reader, tuple(settings.transit_officers), federation.cases, federation.absence)
    loops = [*(each.loop for each in carriers), *(each.loop for each in drivers), timers.loop]
    return Transit(servicer, transits.find, mailroom, carriers, loops)


def _listen(
    carriers: list[MovementCarrier],
    timers: MovementTimers,
    reservations: Reservations,
    transits: Transits,
    reception: Reception,
) -> None:
    """Whatever may have something to say wakes the carriers, and the drivers of guarantees."""
    letters = [carrier.loop.notify for carrier in carriers]
    for heard in (timers, transits, reception):
        heard.on_change += [*letters, reservations.changed]
    reservations.on_change += letters
    for carrier in carriers:
        carrier.on_change += [*letters, reservations.changed]
