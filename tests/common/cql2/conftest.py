"""A search store of its own for filters."""

from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from uuid import uuid4

import asyncpg
import pytest
from earthcode_common.db import Database, plain_url
from earthcode_common.ogc.store import SearchStore


@pytest.fixture(scope="session")
async def filter_database(postgres_url: Callable[[str], str]) -> AsyncIterator[Database]:
    name = f"filter_{uuid4().hex[:8]}"
    await _run_sql(postgres_url("postgres"), f'create database "{name}"')
    folder = files("earthcode_common.ogc")
    ddl = "".join((folder / file).read_text() for file in ("store.sql", "boxes.sql", "places.sql"))
    await _run_sql(postgres_url(name), ddl.replace("{name}", "item"))
    database = Database(postgres_url(name))
    yield database
    await database.close()
    await _run_sql(postgres_url("postgres"), f'drop database "{name}" with (force)')


async def _run_sql(url: str, sql: str) -> None:
    connection = await asyncpg.connect(plain_url(url))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def filter_store() -> SearchStore:
    return SearchStore("item")
