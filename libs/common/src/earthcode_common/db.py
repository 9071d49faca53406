"""The database door: an engine, and sessions whose type says whether they may write.

Transactions open here, in the consumer loop and in job steps, and nowhere else.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeAlias, TypeVarTuple, overload
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from fastapi import Depends, Request
from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.selectable import TypedReturnsRows

from earthcode_common.readers import Readers

Columns = TypeVarTuple("Columns")
Result: TypeAlias = CursorResult[*tuple[Any, ...]]


class ReadSession:
    """Single statements, each of which sees what is committed when it starts.

    ``fetch`` has a connection for the statement alone; ``execute`` keeps one until the session
    ends. None is taken before it is needed.
    """

    def __init__(self, database: "Database") -> None:
        self.database = database
        self._connection: AsyncConnection | None = None

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Any = None
    ) -> CursorResult[*Columns]: ...
    @overload
    async def execute(self, statement: Executable, parameters: Any = None) -> Result: ...
    async def execute(self, statement: Executable, parameters: Any = None) -> Any:
        return await (await self._open()).execute(statement, parameters)

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> Result:
        return await (await self._open()).exec_driver_sql(statement, parameters)

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        """Rows of SQL in PostgreSQL's own form (``$1``), without SQLAlchemy on the way."""
        return await self.database.readers.fetch(sql, values)

    async def close(self) -> None:
        if self._connection is not None:  # As a context manager it closes when cancelled too.
            await self._connection.__aexit__(None, None, None)

    async def _open(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self.database.reading.connect()
        return self._connection


class WriteSession(ReadSession):
    """One transaction; it is committed when the session ends without an error."""

    def __init__(self, database: "Database", connection: AsyncConnection) -> None:
        super().__init__(database)
        self._connection = connection

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await (await self.driver()).fetch(sql, *values)
        return rows

    async def driver(self) -> asyncpg.Connection:
        """asyncpg's own connection within the transaction, for COPY."""
        connection = await self._open()
        await connection.exec_driver_sql("select")  # SQLAlchemy begins with the first statement.
        return (await connection.get_raw_connection()).driver_connection


class Database:
    """One engine; ``read()`` sees single statements, ``write()`` is one transaction."""

    def __init__(
        self,
        url: str,
        *,
        application: str = "earthcode",
        pool_size: int = 5,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """``more``: settings of PostgreSQL for these connections."""
        self.url = url
        settings = {"application_name": application, "jit": "off", **(more or {})}
        self._arguments: dict[str, Any] = {
            "server_settings": settings,
            "timeout": 10,
            "command_timeout": 60,
        }
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_pre_ping=True,
            connect_args=self._arguments,
        )
        self.reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        # No more: what waits here is served in turn, what waits in PostgreSQL slows down the rest.
        self.readers = Readers(self._connect, pool_size)

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            plain_url(self.url), statement_cache_size=400, **self._arguments
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        session = ReadSession(self)
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        async with self.engine.begin() as connection:
            yield WriteSession(self, connection)

    async def close(self) -> None:
        await self.readers.close()
        await self.engine.dispose()


def driver_url(url: str) -> str:
    """The SQLAlchemy form of a plain ``postgresql://`` address."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise ValueError(f"not a PostgreSQL address: {parts.scheme}://...")
    rest = urlunsplit(("x", *parts[1:]))[1:]
    # urlunsplit drops the empty authority's slashes only for unknown schemes.
    return "postgresql+asyncpg" + rest


def plain_url(url: str) -> str:
    """The form asyncpg itself takes."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def flush(url: str) -> None:
    """Wait until all that was committed is on the disk, whoever did not wait for it.

    A commit that is waited for takes with it all that was committed before; only one that has
    written something is waited for, so a message is written that nobody reads.
    """
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        wait = "replace(current_setting('synchronous_commit'), 'off', 'on')"
        await connection.execute(
            f"select set_config('synchronous_commit', {wait}, false),"
            " pg_logical_emit_message(true, 'earthcode', '')"
        )
    finally:
        await connection.close()


async def read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with request.app.state.runtime.db.read() as session:
        yield session


async def write_session(request: Request) -> AsyncIterator[WriteSession]:
    async with request.app.state.runtime.db.write() as session:
        yield session


# scope="function": by default FastAPI leaves a dependency only after the response was sent, so a
# commit that fails would already have been answered with 201.
Reading = Annotated[ReadSession, Depends(read_session, scope="function")]
Writing = Annotated[WriteSession, Depends(write_session, scope="function")]
