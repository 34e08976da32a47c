"""For whom an operator acts: an agency whose officer he is, or the port office (口岸办)."""

from collections.abc import Mapping
from dataclasses import dataclass

from agencykit.rpc.call import Call
from gateway.domain.bulletin import PORT_OFFICE
from gateway.rpc.manual_release_service import Officers


@dataclass(frozen=True, slots=True)
class Acting:
    """`officers` are the operators of agencies, by path; `port_office` those of the port office."""

    officers: Mapping[str, str]
    port_office: Officers

    def party(self, call: Call) -> str:
        """An agency's name, or PORT_OFFICE; CallerNotListed for whoever acts for nobody."""
        agency = self.officers.get(call.identity.path, "")
        if not agency:
            self.port_office.check(call)
        return agency or PORT_OFFICE
