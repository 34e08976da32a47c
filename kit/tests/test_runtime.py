"""The real runtime: clocks, ids, and work off the event loop."""

import asyncio
import re
import threading
from datetime import UTC

from agencykit.runtime import real_runtime


async def test_blocking_work_leaves_the_loop_free_and_brings_its_result_or_error() -> None:
    runtime = real_runtime()
    release = threading.Event()
    blocked = asyncio.create_task(runtime.executor.run(release.wait, 5))
    await asyncio.sleep(0.01)
    release.set()
    assert await blocked is True
    try:
        await runtime.executor.run(int, "not a number")
    except ValueError:
        pass
    else:
        raise AssertionError("the error was lost")
    runtime.executor.close()


async def test_a_dedicated_executor_of_one_thread_keeps_the_order() -> None:
    runtime = real_runtime()
    writer = runtime.executor.dedicated("writer", 1)
    seen: list[int] = []
    await asyncio.gather(*(writer.run(seen.append, number) for number in range(50)))
    assert seen == list(range(50))
    names = await asyncio.gather(*(writer.run(lambda: threading.current_thread().name) for _ in range(5)))
    assert len(set(names)) == 1
    writer.close()


def test_ids_and_clocks_have_their_forms() -> None:
    runtime = real_runtime()
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", runtime.ids.uuid())
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", runtime.ids.code(26))
    assert runtime.clock.now().tzinfo is UTC
    assert abs(runtime.clock.now_ns() / 1e9 - runtime.clock.now().timestamp()) < 1
    assert runtime.clock.monotonic() <= runtime.clock.monotonic()
    assert 3 <= runtime.randomness.uniform(3, 4) <= 4
