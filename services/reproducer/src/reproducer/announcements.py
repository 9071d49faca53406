"""One LISTEN per process, and everyone who waits for news of a run."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from earthcode_common import telemetry
from earthcode_common.db import plain_url

from reproducer.store.runs import TOLD


class Announcements:
    def __init__(self) -> None:
        self.waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @property
    def streams(self) -> int:
        return sum(map(len, self.waiting.values()))

    @contextmanager
    def of(self, run: str) -> Any:
        """An event that is set when the run has something new to tell."""
        wake = asyncio.Event()
        self.waiting[run].add(wake)
        try:
            yield wake
        finally:
            self.waiting[run].discard(wake)
            if not self.waiting[run]:
                del self.waiting[run]

    def tell(self, run: str) -> None:
        for wake in self.waiting.get(run, ()):
            wake.set()

    def tell_all(self) -> None:
        for run in list(self.waiting):
            self.tell(run)


@asynccontextmanager
async def listening(announcements: Announcements, url: str) -> AsyncIterator[None]:
    task = asyncio.create_task(_listen(announcements, url))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(announcements: Announcements, url: str) -> None:
    """For ever; news missed while the connection was away are found by whoever looks again."""
    while True:
        try:
            await _listen_once(announcements, url)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            telemetry.log.warning("announcements lost", extra={"error": repr(error)[:200]})
        announcements.tell_all()
        await asyncio.sleep(1)


async def _listen_once(announcements: Announcements, url: str) -> None:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    ended = asyncio.Event()
    connection.add_termination_listener(lambda *_: ended.set())
    try:
        await connection.add_listener(TOLD, lambda *message: announcements.tell(str(message[3])))
        await ended.wait()
    finally:
        with contextlib.suppress(Exception):
            await connection.close(timeout=2)
