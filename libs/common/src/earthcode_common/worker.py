"""Background loops: each runs until cancelled, and starts again with back-off when it breaks."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
from nats.aio.client import Client

from earthcode_common import messaging, outbox, telemetry
from earthcode_common.app import Runtime
from earthcode_common.consumer import Reaction, consume
from earthcode_common.db import plain_url

Loop = Callable[[Runtime], Awaitable[None]]
POLL_SECONDS = 2.0
STOP_AGAIN_SECONDS = 7.0  # a loop may finish what it does for some seconds


async def run_loops(runtime: Runtime, loops: Sequence[Loop]) -> None:
    """Until cancelled."""
    tasks = {asyncio.create_task(_for_ever(runtime, loop)) for loop in loops}
    try:
        await asyncio.wait(tasks)
    finally:
        await _stop(tasks)


async def _stop(left: set[asyncio.Task[None]]) -> None:
    """Until all have ended: ``asyncio.wait_for``, which libraries use, loses a cancellation that
    comes together with what was waited for (Python 3.11)."""
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=STOP_AGAIN_SECONDS)


async def _for_ever(runtime: Runtime, loop: Loop) -> None:
    delay = 0.5
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await loop(runtime)
        except Exception as error:
            name = getattr(loop, "__qualname__", repr(loop))
            telemetry.log.warning("loop starts again", extra={"loop": name, "error": repr(error)})
        lasted = asyncio.get_running_loop().time() - started
        delay = 0.5 if lasted > 30 else min(delay * 2, 15)
        await asyncio.sleep(delay * (0.5 + random.random() / 2))


def relay(service: str) -> Loop:
    """The loop that hands this service's outbox to NATS: woken by NOTIFY, else by the clock."""

    async def relay_outbox(runtime: Runtime) -> None:
        async with _nats(runtime, service) as client, listening(runtime, outbox.CHANNEL) as wake:
            stream = client.jetstream()
            while True:
                while await outbox.relay_once(runtime.db, stream):
                    pass
                await wait(wake, POLL_SECONDS)

    return relay_outbox


def react(service: str, make: Callable[[Runtime], Reaction]) -> Loop:
    """The loop that consumes events for the reaction that ``make`` builds."""

    async def consume_events(runtime: Runtime) -> None:
        async with _nats(runtime, service) as client:
            await consume(runtime.db, client, make(runtime))

    return consume_events


async def prune_daily(runtime: Runtime) -> None:
    while True:
        await outbox.prune(runtime.db)
        await asyncio.sleep(24 * 3600)


@asynccontextmanager
async def _nats(runtime: Runtime, service: str) -> AsyncIterator[Client]:
    client = await messaging.connect(runtime.settings, service)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def listening(runtime: Runtime, channel: str) -> AsyncIterator[asyncio.Event]:
    """An event that is set by every NOTIFY on ``channel``."""
    wake = asyncio.Event()
    connection = await asyncpg.connect(plain_url(runtime.settings.database_url), timeout=10)
    try:
        await connection.add_listener(channel, lambda *_: wake.set())
        connection.add_termination_listener(lambda *_: wake.set())
        yield wake
    finally:
        await connection.close(timeout=2)


async def wait(wake: asyncio.Event, seconds: float) -> None:
    """Until woken, or for ``seconds``: hints may get lost, polling never does."""
    try:
        async with asyncio.timeout(seconds):  # not wait_for: see _stop
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()
