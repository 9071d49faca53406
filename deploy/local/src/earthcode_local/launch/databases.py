"""`python -m earthcode_local.launch.databases PACKAGE=DATABASE ...`: what services find ready.

Creates the databases that are missing on the server of EARTHCODE_DATABASE_URL, brings each to its
service's schema, and sets up the streams of EARTHCODE_NATS_URL. All of it can be repeated.
"""

import asyncio
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
    async with asyncio.TaskGroup() as group:
        group.create_task(set_up_streams(settings))
        for package, name in databases.items():
            url = database_named(settings.database_url, name)
            group.create_task(migrate.migrate(url, package))


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
        except UNREACHABLE:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.3)


async def set_up_streams(settings: ServiceSettings) -> None:
    client = await messaging.connect(settings, "operator")
    try:
        await streams.setup(client.jetstream())
    finally:
        await client.close()


if __name__ == "__main__":
    sys.exit(main())
