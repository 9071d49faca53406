"""A search store of its own for the tests: its tables in a fresh database."""

from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from uuid import uuid4

import asyncpg
import pytest
from earthcode_common.db import Database, plain_url
from earthcode_common.ogc.store import SearchStore


@pytest.fixture(scope="session")
async def store_database(postgres_url: Callable[[str], str]) -> AsyncIterator[Database]:
    name = f"store_{uuid4().hex[:8]}"
    await _run(postgres_url("postgres"), f'create database "{name}"')
    folder = files("earthcode_common.ogc")
    ddl = "".join((folder / file).read_text() for file in ("store.sql", "boxes.sql", "places.sql"))
    for table in ("item", "thing", "named"):
        await _run(postgres_url(name), ddl.replace("{name}", table))
    database = Database(postgres_url(name))
    yield database
    await database.close()
    await _run(postgres_url("postgres"), f'drop database "{name}" with (force)')


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(plain_url(url))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def item_store() -> SearchStore:
    return SearchStore("item")


@pytest.fixture
async def items(store_database: Database, item_store: SearchStore) -> SearchStore:
    """The store, empty."""
    async with store_database.write() as session:
        await item_store.clear(session)
    return item_store
