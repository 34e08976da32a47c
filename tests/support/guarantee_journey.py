"""Where stories of release on guarantee begin and end."""

from guaranteed import LIMIT, Guaranteed, rest

from clearance.gateway.v1.clearance_pb2 import Clearance

OTHER_GRN = "19XX0040191000024"


async def held(told: Guaranteed, limit: int = LIMIT) -> Clearance:
    """A clearance that only customs' review of the price keeps, with a guarantee in the register."""
    clearance = await told.submitted()
    await told.enter(clearance.consignment.trader.identifier, limit=limit)
    return clearance


async def released(told: Guaranteed) -> Clearance:
    """The same, released on guarantee."""
    clearance = await held(told)
    await told.ask(clearance)
    await rest()
    assert await told.state(clearance) == "RELEASED_ON_GUARANTEE"
    return clearance


async def is_clean(told: Guaranteed) -> None:
    """Nothing is held or confirmed, and every balance agrees with the entries."""
    guarantee = await told.guarantee()
    assert (guarantee.held_units, guarantee.confirmed_units) == (0, 0)
    assert guarantee.available_units == LIMIT
    assert not await told.differences()
