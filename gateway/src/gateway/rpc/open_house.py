"""What the district owes everybody, put together: bulletins (通报), complaints (投诉) and their arbitration (仲裁)."""

from collections.abc import Callable

from agencykit.rpc.service import Service
from agencykit.storage import Database
from gateway.operations.complaint_timers import ComplaintTimers
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.settings import GatewaySettings
from gateway.rpc.acting import Acting
from gateway.rpc.arbitration_service import ArbitrationServicer
from gateway.rpc.bulletin_service import BulletinServicer
from gateway.rpc.complaint_desk_service import ComplaintDeskServicer
from gateway.rpc.complaint_service import ComplaintServicer, Terms
from gateway.rpc.following import Following
from gateway.rpc.manual_release_service import Officers
from gateway.rpc.serving import for_the_public


class OpenHouse:
    """`services` are for the own district, `loop` does what happens to complaints by itself."""

    def __init__(
        self, settings: GatewaySettings, database: Database, context: Callable[[], Context], duties: Duties, log: Log
    ) -> None:
        """Raises SettingsError where the table of complaints cannot be used."""
        acting = Acting(settings.officers, Officers(tuple(settings.release_officers)))
        agencies, code = tuple(settings.agencies), settings.customs_district_code
        stored = (database, context)
        rules = settings.complaint_rules()
        terms = Terms(rules, code, agencies, settings.complaints_per_day, settings.complaints_per_day_public)
        self._following = (Following(), Following())
        bulletins, arbitrations = self._following
        callers = {str(settings.identity_of(name)): name for name in agencies}
        self.services: list[Service] = for_the_public(
            BulletinServicer(*stored, code, agencies, acting, bulletins),
            ComplaintServicer(*stored, terms, acting),
            ComplaintDeskServicer(*stored, terms, acting, arbitrations),
            ArbitrationServicer(*stored, callers, acting, arbitrations),
            tuple(callers),
        )
        self.loop: Loop = ComplaintTimers(*stored, duties, rules, log).loop

    def close(self) -> None:
        """Ends every stream: followers resume elsewhere."""
        for each in self._following:
            each.close()
