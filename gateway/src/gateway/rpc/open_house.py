"""What the district owes everybody, put together: bulletins (通报)."""

from collections.abc import Callable

from agencykit.rpc.service import Service
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.settings import GatewaySettings
from gateway.rpc.acting import Acting
from gateway.rpc.bulletin_service import BulletinServicer
from gateway.rpc.manual_release_service import Officers
from gateway.rpc.serving import for_the_public


class OpenHouse:
    """`services` are for the own district."""

    def __init__(self, settings: GatewaySettings, database: Database, context: Callable[[], Context]) -> None:
        acting = Acting(settings.officers, Officers(tuple(settings.release_officers)))
        agencies, code = tuple(settings.agencies), settings.customs_district_code
        self._bulletins = BulletinServicer(database, context, code, agencies, acting)
        callers = [str(settings.identity_of(name)) for name in agencies]
        self.services: list[Service] = for_the_public(self._bulletins, callers)

    def close(self) -> None:
        """Ends every stream: followers resume elsewhere."""
        self._bulletins.close()
