"""Autovacuum, kept from tables that are being filled: it would look through them meanwhile."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
from earthcode_common.db import plain_url

_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_PATIENCE = "set local lock_timeout = '5s'; set local idle_in_transaction_session_timeout = 0"


@asynccontextmanager
async def kept_away(url: str, tables: Sequence[str]) -> AsyncIterator[None]:
    """It passes by tables that are locked so; who reads and writes is not stopped.

    The lock goes with its connection, so nothing is left behind. When it cannot be had, or breaks,
    the load only takes longer.
    """
    connection = await _locked(url, tables)
    try:
        yield
    finally:
        if connection is not None:
            with suppress(*_LOST):
                await connection.close(timeout=10)


async def _locked(url: str, tables: Sequence[str]) -> asyncpg.Connection | None:
    """A connection with a transaction that goes on, and holds back nobody's view of rows."""
    with suppress(*_LOST):
        connection = await asyncpg.connect(plain_url(url), timeout=10)
        try:
            lock = f"lock table {', '.join(tables)} in share update exclusive mode"
            await connection.execute(f"begin; {_PATIENCE}; {lock}")
        except BaseException:
            connection.terminate()
            raise
        return connection
    return None
