"""Room for the work: how much is in work at a time, over all and for each caller, so that none starves another.

What is too much is refused at once, undecoded, and told when it is worth asking again. Calls, the items they carry and
streams have a room each, shared fairly by identity (`shares`); streams apart, for they live long and do little. How
often one caller calls is bounded too, whatever becomes of his calls.
"""

from functools import lru_cache

from agencykit.identity import Identity
from agencykit.refusals import Overloaded, Unavailable
from agencykit.rpc.exchange import Exchange, Layer
from agencykit.rpc.rates import CallRates
from agencykit.rpc.shares import Shares
from agencykit.rpc.weighing import items_of
from agencykit.runtime import Clock
from agencykit.settings import ServiceSettings

Caller = Identity | None
# Who was refused is told to come again after the time that calls take here, between these.
SOONEST_SECONDS, LATEST_SECONDS = 0.1, 5.0
# Weight of the newest call in that time.
_WEIGHT = 1 / 64


class Admission(Layer):
    """The layer of this name. `draining` refuses everything new."""

    name = "admission"

    def __init__(self, settings: ServiceSettings, clock: Clock) -> None:
        self._clock, self._limit_rate = clock, settings.max_calls_per_second_per_caller
        self._weights = tuple(settings.caller_weights.items())
        weight = lru_cache(maxsize=4096)(self._weight)
        self._calls: Shares[Caller] = Shares(settings.max_in_flight, settings.max_in_flight_per_caller, weight)
        self._items: Shares[Caller] = Shares(settings.max_items_in_flight, None, weight)
        self._streams: Shares[Caller] = Shares(settings.max_streams, settings.max_streams_per_caller, weight)
        self._rates = CallRates(self._limit_rate, clock)
        self._stay = 0.0
        self.draining = False

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._calls.used

    @property
    def streams(self) -> int:
        """Streams under way."""
        return self._streams.used

    def enter(self, exchange: Exchange) -> None:
        if self.draining:
            raise Unavailable
        caller, method = exchange.identity, exchange.method
        if not self._rates.take(caller):
            raise Overloaded(self._limit_rate, self._rates.wait(caller))
        if method.streaming:
            self._check(self._streams, caller, 1)
            self._streams.take(caller, 1)
            return
        self._check(self._calls, caller, 1)
        exchange.items = items = items_of(exchange.request_bytes, method.item_tags)
        self._check(self._items, caller, items)
        self._calls.take(caller, 1)
        self._items.take(caller, items)
        exchange.admitted = self._clock.monotonic()

    def leave(self, exchange: Exchange, error: BaseException | None) -> BaseException | None:
        caller = exchange.identity
        if exchange.method.streaming:
            self._streams.give(caller, 1)
        else:
            self._calls.give(caller, 1)
            self._items.give(caller, exchange.items)
            self._stay += _WEIGHT * (self._clock.monotonic() - exchange.admitted - self._stay)
        return error

    def _check(self, shares: Shares[Caller], caller: Caller, amount: int) -> None:
        if not shares.fits(caller, amount):
            own = shares.most_each is not None and shares.held(caller) + amount > shares.most_each
            limit = shares.most_each if own and shares.most_each else shares.room
            raise Overloaded(limit, min(max(self._stay, SOONEST_SECONDS), LATEST_SECONDS))

    def _weight(self, caller: Caller) -> int:
        if caller is not None:
            for pattern, weight in self._weights:
                if caller.matches(pattern):
                    return weight
        return 1
