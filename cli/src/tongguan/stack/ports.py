"""Ports of the stack: given, kept from last time, or free ones."""

import random
import socket
from collections.abc import Collection, Mapping, Sequence

from tongguan.failures import Unavailable

# Below the range from which systems take ports for outgoing connections, so that none is lost between choice and use.
LOWEST, HIGHEST = 20_000, 32_000
HOST = "127.0.0.1"


def choose(names: Sequence[str], base: int, before: Mapping[str, int], taken: Collection[int] = ()) -> dict[str, int]:
    """A port for each name: from `base` upwards in their order, or where it is 0 those of last time, or free ones.

    None of those `taken`, by others who have not yet begun to listen.
    """
    if base:
        ports = {name: base + place for place, name in enumerate(names)}
        busy = [f"{name} {port}" for name, port in ports.items() if not free(port)]
        if busy:
            raise Unavailable(f"ports in use: {', '.join(busy)}", "give another --port-base, or 0 for free ports")
        return ports
    if all(name in before and before[name] not in taken and free(before[name]) for name in names):
        return {name: before[name] for name in names}
    candidates = (
        port for port in random.sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST) if port not in taken and free(port)
    )
    return dict(zip(names, candidates, strict=False))


def free(port: int) -> bool:
    """Whether somebody could listen there just now."""
    with socket.socket() as probe:
        # Connections of a server that has just ended do not stand in the way of the next one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
