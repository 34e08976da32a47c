"""Streams of a party that resume by position: renewed now and then, and taken for dead where no sign of life comes."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Transport, Unreachable
from agencykit.runtime import Clock
from gateway.operations.ports import CallFailed
from gateway.rpc.answers import failed

Part = TypeVar("Part", bound=Message)

# A stream is renewed after so long; a party says every 5 s that it lives, and is taken for dead after this silence.
FEED_SECONDS = 24.0
SILENCE_SECONDS = 12.0


async def stream_parts(
    transport: Transport, clock: Clock, method: str, request: Message, part_type: type[Part]
) -> AsyncGenerator[Part, None]:
    """The parts of one stream until its usual end; CallFailed where it is none, or silence goes on for too long."""
    begun = clock.monotonic()
    parts = aiter(transport.stream(method, request, part_type, timeout_seconds=FEED_SECONDS))
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                part = await anext(parts)
            yield part
    except StopAsyncIteration:
        return
    except TimeoutError:
        raise CallFailed("SILENT") from None
    except DecodeError:
        raise CallFailed("GARBLED") from None
    except (Refusal, Unreachable) as error:
        # The end that its own deadline makes is the usual one.
        if clock.monotonic() - begun < FEED_SECONDS - 1:
            raise failed(error) from error
    finally:
        await _close(parts)


async def _close(parts: object) -> None:
    """Ends the call of a stream that was left early."""
    close = getattr(parts, "aclose", None)
    if close is not None:
        await close()
