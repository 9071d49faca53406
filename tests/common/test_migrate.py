"""Migrations: once, in order, by many at once, and never edited."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from earthcode_common import migrate
from earthcode_common.db import driver_url, plain_url


@pytest.fixture
async def empty(postgres_url: Callable[[str], str]) -> Any:
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(plain_url(postgres_url("postgres")))
    await admin.execute(f'create database "{name}"')
    yield postgres_url(name)
    await admin.execute(f'drop database "{name}" with (force)')
    await admin.close()


async def test_many_processes_migrate_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate.migrate(empty, "earthcode_common") for _ in range(5)))
    assert sorted(map(len, applied)) == [0, 0, 0, 0, len(migrate.migrations("earthcode_common"))]
    await migrate.check(empty, "earthcode_common")


async def test_an_empty_database_is_refused_with_the_way_out(empty: str) -> None:
    with pytest.raises(migrate.SchemaError, match="run the migrate command"):
        await migrate.check(empty, "earthcode_common")


async def test_a_migration_edited_after_release_is_refused(empty: str) -> None:
    await migrate.migrate(empty, "earthcode_common")
    connection = await asyncpg.connect(empty)
    await connection.execute("update migration set digest = 'other'")
    await connection.close()
    with pytest.raises(migrate.SchemaError, match="was changed after"):
        await migrate.migrate(empty, "earthcode_common")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40w@h:5432/d?sslmode=require",
        "postgresql://postgres@/d?host=/run/pg",
        "postgres://h/d",
    ],
)
def test_any_plain_address_becomes_the_drivers(url: str) -> None:
    made = driver_url(url)
    assert made.startswith("postgresql+asyncpg://")
    assert made.partition("://")[2] == url.partition("://")[2]
