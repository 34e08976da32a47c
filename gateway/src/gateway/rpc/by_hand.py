"""What officers of the port office do two together, put together: releases by hand, and emergencies."""

from collections.abc import Callable

from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.hands import Hands
from gateway.operations.ports import OrderMaker
from gateway.operations.rulebook import Rulebook
from gateway.operations.settings import GatewaySettings
from gateway.rpc.emergency_service import EmergencyServicer
from gateway.rpc.manual_messages import goods_of
from gateway.rpc.manual_release_service import ManualReleaseServicer, Officers


def by_hand(
    settings: GatewaySettings,
    database: Database,
    context: Callable[[], Context],
    make_orders: OrderMaker,
    on_change: Callable[[], None],
) -> tuple[ManualReleaseServicer, EmergencyServicer]:
    """The two servicers."""
    officers = Officers(tuple(settings.release_officers))
    rules = Rulebook(settings.overrides(), settings.emergency_plan(), goods_of, make_orders)
    manual = ManualReleaseServicer(Hands(database, context, rules, [on_change]), officers)
    code = settings.customs_district_code
    return manual, EmergencyServicer(database, context, rules.plan, officers, code)
