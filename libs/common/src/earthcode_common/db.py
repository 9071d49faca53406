"""The database door: an engine, and sessions whose type says whether they may write.

Transactions open here, in the consumer loop and in job steps, and nowhere else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, NewType
from urllib.parse import urlsplit, urlunsplit

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

ReadSession = NewType("ReadSession", AsyncConnection)
WriteSession = NewType("WriteSession", ReadSession)


class Database:
    """One engine; ``read()`` sees single statements, ``write()`` is one transaction."""

    def __init__(self, url: str, *, application: str = "earthcode", pool_size: int = 5) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            pool_pre_ping=True,
            connect_args={
                "server_settings": {"application_name": application, "jit": "off"},
                "timeout": 10,
                "command_timeout": 60,
            },
        )
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        async with self._reading.connect() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        async with self.engine.begin() as connection:
            yield WriteSession(ReadSession(connection))

    async def close(self) -> None:
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
