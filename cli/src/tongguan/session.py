"""What a command works with: the district meant, identities, and connections to its services."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tongguan import endpoints
from tongguan.endpoints import Credentials, Endpoints
from tongguan.failures import Failure, Misused, NotPermitted, Unavailable
from tongguan.hints import again
from tongguan.output import Output
from tongguan.stack.addresses import parse_agency
from tongguan.stack.layout import DEFAULT_STATE, layout_of, own_layout

if TYPE_CHECKING:
    from tongguan.channels import Peer
    from tongguan.clearances import Clearances


@dataclass(frozen=True, slots=True)
class Where:
    """Which district is meant: a state folder, or a gateway's address with the caller's own certificate."""

    state: Path | None = None
    gateway: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    identity: str = ""  # --as


class Session:
    """One command's dealings with the district. Used as a context manager; closes its connections."""

    def __init__(self, where: Where, output: Output) -> None:
        self.where = where
        self.output = output
        self.state = where.state or DEFAULT_STATE
        self.layout = own_layout(where.state) if where.state else layout_of(DEFAULT_STATE)
        self._peers: dict[tuple[str, str], Peer] = {}
        self._addresses: dict[str, str] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_error: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Ends all connections; calls under way fail as cancelled."""
        self._open.close()

    @property
    def direct(self) -> bool:
        """Whether addresses and certificate were given by hand, so that no state folder is read."""
        return bool(self.where.cert)

    def endpoints(self) -> Endpoints:
        """The running district of the state folder, read anew each time: services restart."""
        try:
            return endpoints.read(self.layout.endpoints)
        except FileNotFoundError:
            raise Unavailable(
                f"no district runs on {self.state}",
                "start one (tongguan up), name its folder (--state) or its gateway (--gateway --ca --cert --key)",
            ) from None

    def credentials(self, otherwise: str) -> Credentials:
        """The caller's: given by hand, named by --as, or else the named one of the state folder."""
        if self.direct:
            return Credentials(self.where.ca, self.where.cert, self.where.key)
        return self.endpoints().credentials(self.where.identity or otherwise)

    def address(self, service: str) -> str:
        """Where a service listens."""
        if service in self._addresses:
            return self._addresses[service]
        if service == "gateway" and self.where.gateway:
            return self.where.gateway
        if self.direct:
            raise Misused(f"the address of {service} is not known", f"give --agency {service}=HOST:PORT, or --state")
        services = self.endpoints().services
        if service not in services:
            raise Misused(f"no service {service!r} here", f"take one of: {', '.join(services)}")
        return services[service].address

    def learn(self, agency: str) -> str:
        """Takes `customs` or `customs=HOST:PORT`, keeps the address if there is one, and returns the name."""
        if "=" not in agency:
            return agency
        name, address = parse_agency(agency)
        self._addresses[name] = address
        return name

    def peer(self, service: str, otherwise: str) -> "Peer":
        """A connection to a service by the caller's identity, made once; `otherwise` names the usual identity."""
        from tongguan.channels import Peer

        key = (service, otherwise)
        if key not in self._peers:
            peer = Peer(service, self.address(service), self.credentials(otherwise), self._advice(service))
            self._open.callback(peer.close)
            self._peers[key] = peer
        return self._peers[key]

    def officer(self, agency: str) -> "Peer":
        """A connection to an agency, `customs` or `customs=HOST:PORT`, usually as its officer."""
        name = self.learn(agency)
        return self.peer(name, f"officer-{name}")

    def clearances(self, otherwise: str = "operator") -> "Clearances":
        """The gateway's public face by the caller's identity."""
        from tongguan.clearances import Clearances

        return Clearances(self.peer("gateway", otherwise))

    def explained(self, failure: Unavailable) -> Failure:
        """A server that takes our certificate for none hangs up like one that is away; ours can be looked at."""
        from tongguan.stack.certifying import flaw

        for file in dict.fromkeys(peer.certificate for peer in self._peers.values()):
            if why := flaw(file):
                return NotPermitted(f"{file} {why}", "have a new one issued (tongguan pki rotate)", failure.status)
        return failure

    def _advice(self, service: str) -> str:
        if self.direct:
            return "check the address, that it runs, and that --ca and --cert are of its district"
        return f"start it ({again(self.layout.folder, 'start', service)}) or read its log: {self.layout.log(service)}"
