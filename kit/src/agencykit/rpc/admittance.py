"""Who may come in: identity, authorisation, and a deadline that leaves time. All of it before a byte is decoded."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from agencykit.identity import Identity, trust_domain
from agencykit.refusals import (
    CallerNotListed,
    DeadlineMissing,
    DeadlineTooShort,
    IdentityMissing,
)
from agencykit.rpc.denied import DenyList
from agencykit.rpc.exchange import Exchange, Layer
from agencykit.rpc.peer import Peer, identity_of
from agencykit.rpc.service import Service
from agencykit.runtime import Clock
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry.log import Log

# Kept back for the way home: a caller must hear the answer before its own deadline.
MARGIN_SECONDS = 0.020
# What has less left than this is not begun: it could not be finished.
LEAST_SECONDS = 0.100
# For whom each party names its own officers.
OPERATORS = "operator/*"


class Identification(Layer):
    """The caller is whom the certificate's one URI name says, and nothing in the request can say otherwise."""

    name = "identity"

    def __init__(self, settings: ServiceSettings, clock: Clock, log: Log) -> None:
        self._trusted, self._clock = frozenset(settings.trust_domains), clock
        self._denied = DenyList(settings.denied_file, clock, log)

    def enter(self, exchange: Exchange) -> None:
        exchange.identity = self.identify(exchange.peer)

    def identify(self, peer: Peer) -> Identity:
        """Who it is; raises IdentityMissing where it is nobody, or shut out."""
        identity = identity_of(peer, self._trusted, self._clock.now())
        if self._denied.denies(peer.uris[0], peer.serial):
            raise IdentityMissing
        return identity


class Authorisation(Layer):
    """Default deny: only identities on the service's list of callers; an empty list means nobody.

    Of other districts only where the service is made for partners, whatever a list says.
    """

    name = "authorisation"

    def __init__(self, settings: ServiceSettings, services: Collection[Service]) -> None:
        self._trust_domain = trust_domain(settings.district)
        served = {service.name: _with_officers(service.callers, settings.own_officers) for service in services}
        if unknown := sorted(set(settings.callers) - set(served)):
            raise SettingsError([f"callers: {name} is not served here" for name in unknown])
        self._for_partners = {service.name for service in services if service.for_partners}
        self._callers = served | {name: tuple(patterns) for name, patterns in settings.callers.items()}
        # Neither lists nor identities change, so that every answer stays what it is.
        self.lists = lru_cache(maxsize=4096)(self._lists)

    def enter(self, exchange: Exchange) -> None:
        if not self.lists(exchange.method.service, exchange.identity):
            raise CallerNotListed(exchange.identity, exchange.method.path)

    def _lists(self, service: str, identity: Identity | None) -> bool:
        if identity is None or (identity.trust_domain != self._trust_domain and service not in self._for_partners):
            return False
        return any(identity.matches(pattern, self._trust_domain) for pattern in self._callers[service])


def _with_officers(callers: Sequence[str], officers: Sequence[str]) -> tuple[str, ...]:
    """A service's own list, where each party names its own officers."""
    return tuple([each for pattern in callers for each in (officers if pattern == OPERATORS else (pattern,))])


class Deadline(Layer):
    """gRPC neither demands a deadline nor passes it on: here it is demanded, capped, cut by a margin, put in `Call`."""

    name = "deadline"

    def __init__(self, settings: ServiceSettings, clock: Clock) -> None:
        self._clock = clock
        self._longest = settings.max_deadline_ms / 1000
        self._longest_stream = settings.max_stream_ms / 1000

    def enter(self, exchange: Exchange) -> None:
        left = exchange.timeout_seconds
        if left is None:
            raise DeadlineMissing
        if left < LEAST_SECONDS:
            raise DeadlineTooShort(max(round(left * 1000), 0))
        longest = self._longest_stream if exchange.method.streaming else self._longest
        exchange.deadline = self._clock.monotonic() + min(left - MARGIN_SECONDS, longest)
