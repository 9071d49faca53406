"""`python -m earthcode_local.launch.databases PACKAGE=DATABASE ...`: what services find ready.

Creates the databases that are missing on the server of EARTHCODE_DATABASE_URL, brings each to its
service's schema, and sets up the streams of EARTHCODE_NATS_URL. All of it can be repeated.
"""

import asyncio
import re
import sys
import time
from collections.abc import Mapping

import asyncpg
import nats.errors
from earthcode_common import messaging, migrate, streams
from earthcode_common.db import plain_url
from earthcode_common.settings import ServiceSettings

from earthcode_local.launch.config import database_named

WAIT_SECONDS = 30.0
UNREACHABLE = (OSError, asyncpg.CannotConnectNowError)
EXPECTED = (OSError, asyncpg.PostgresError, nats.errors.Error, migrate.SchemaError)


def main() -> int:
    databases = dict(word.split("=", 1) for word in sys.argv[1:])
    try:
        asyncio.run(prepare(ServiceSettings(), databases))
    except EXPECTED as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


async def prepare(settings: ServiceSettings, databases: Mapping[str, str]) -> None:
    """`databases`: package to database name."""
    await create_missing(settings.database_url, set(databases.values()))
    migrations = [
        migrate.migrate(database_named(settings.database_url, name), package)
        for package, name in databases.items()
    ]
    await asyncio.gather(set_up_streams(settings), *migrations)


async def create_missing(url: str, names: set[str]) -> None:
    connection = await connected(plain_url(url))
    try:
        rows = await connection.fetch("select datname from pg_database")
        for name in sorted(names - {row["datname"] for row in rows}):
            await connection.execute(f'create database "{name}"')
    finally:
        await connection.close()


async def connected(url: str) -> asyncpg.Connection:
    """A server that is still starting is waited for."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await asyncpg.connect(url, timeout=10)
        except UNREACHABLE as error:
            if time.monotonic() > deadline:
                where = without_password(url)
                raise ConnectionError(f"PostgreSQL does not answer at {where}: {error}") from error
            await asyncio.sleep(0.3)


async def set_up_streams(settings: ServiceSettings) -> None:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            client = await messaging.connect(settings, "operator")
    except TimeoutError as error:
        where = without_password(settings.nats_url)
        raise ConnectionError(f"NATS does not answer at {where}") from error
    try:
        await streams.setup(client.jetstream())
    finally:
        await client.close()


def without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)


if __name__ == "__main__":
    sys.exit(main())
