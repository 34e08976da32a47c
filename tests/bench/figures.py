"""A closed loop of callers, and the figures of a run."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def closed_loop(
    call: Callable[[int], Awaitable[None]],
    calls: int,
    callers: int,
    batch: int,
    rest: Callable[[], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Makes `calls` calls, `callers` at a time, each with `batch` clearances; the n-th call gets n from 0.

    `rest` is awaited before each call and is not part of its latency. Returns clearances per second over the whole run,
    and the calls' latencies in milliseconds.
    """
    latencies_s: list[float] = []
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            if rest:
                await rest()
            begin = time.perf_counter()
            await call(number)
            latencies_s.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*[caller() for _ in range(callers)])
    elapsed_s = time.perf_counter() - begin
    latencies_s.sort()
    return {
        "callers": callers,
        "batch": batch,
        "clearances_per_s": round(calls * batch / elapsed_s, 1),
        "p50_ms": round(latencies_s[len(latencies_s) // 2] * 1e3, 1),
        "p99_ms": round(latencies_s[int(len(latencies_s) * 0.99)] * 1e3, 1),
    }
