"""Connections for single statements that read: asyncpg alone, the shortest way there is.

No transaction is open between statements, so nothing has to be reset after one or checked before
the next: a connection that turns out to be lost is replaced, and the statement runs once more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

WAIT = 10.0  # seconds for a connection that is free
LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # its end was announced while nobody listened; types changed
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
# A connection is fit for the next statement after these; asyncpg cancels what still runs.
HARMLESS = (asyncpg.PostgresError, asyncio.CancelledError, TimeoutError)
Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Readers:
    """At most ``size`` connections, made when needed; the one used last is used next."""

    def __init__(self, connect: Connect, size: int) -> None:
        self._connect = connect
        self._idle: list[asyncpg.Connection] = []
        self._places = asyncio.Semaphore(size)

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """Raises SQLAlchemy's errors, as everything that reads and writes does."""
        await self._enter()
        try:
            return await self._fetch(sql, values)
        except LOST as error:
            raise OperationalError(sql, None, error) from error
        except asyncpg.PostgresError as error:
            raise DBAPIError(sql, None, error) from error
        finally:
            self._places.release()

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(WAIT):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeout(f"no connection was free for {WAIT:.0f} seconds") from None

    async def _fetch(self, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        while self._idle:
            try:
                return await self._run(self._idle.pop(), sql, values)
            except TimeoutError:  # An OSError too, but the statement's own.
                raise
            except LOST:
                continue  # Those that waited beside it are probably lost as well.
        return await self._run(await self._connect(), sql, values)

    async def _run(
        self, connection: asyncpg.Connection, sql: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        try:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *values)
        except HARMLESS:
            self._keep(connection)
            raise
        except BaseException:
            connection.terminate()
            raise
        self._keep(connection)
        return rows

    def _keep(self, connection: asyncpg.Connection) -> None:
        if not connection.is_closed():
            self._idle.append(connection)
