"""Every property that Items can be sorted by has an index, and a sort by it walks that."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from catalog_api import store
from catalog_api.domain import sorting
from catalog_api.domain.queryables import ITEM, sortables
from catalog_api.routes.search import COLUMNS
from catalog_api.service import SERVICE
from earthcode_common.db import Database
from earthcode_common.ogc import scan
from earthcode_common.ogc.query import Document, Query
from earthcode_common.ogc.shape import asked

NAMES = sorted(sortables(ITEM).known)
DAY = datetime(2020, 1, 1, tzinfo=UTC)
WITHOUT = {"datetime", "start_datetime"}  # walked by the index of time


@pytest.fixture
async def stocked(make_database: Any) -> Any:
    database = Database(await make_database(SERVICE))
    names = [name for name in NAMES if name not in COLUMNS]
    async with database.write() as session:
        await store.items.put(
            session,
            (
                Document(f"p{n % 3}", f"{n}", "{}", None, day, day, dict.fromkeys(names, n % 997))
                for n in range(3000)
                for day in [DAY + timedelta(days=n % 997)]
            ),
        )
    async with database.read() as session:
        await session.execute(sa.text("vacuum analyze item"))
    yield database
    await database.close()


async def test_a_sort_walks_its_index(stocked: Database) -> None:
    for name in NAMES:
        if name not in WITHOUT:
            for direction in ("asc", "desc"):
                plan = await plan_of(stocked, name, direction)
                assert "Index Scan" in plan or "Index Only Scan" in plan, plan
                assert "Seq Scan" not in plan, plan
                assert "->  Sort" not in plan, plan  # an incremental one sorts what is alike


async def plan_of(database: Database, name: str, direction: Any) -> str:
    read = asked(Query(sort=sorting.store_keys([(name, direction)], COLUMNS), limit=10))
    tables = store.items.tables
    sql, values = scan.candidates(tables, read, scan.VALUED, None, 11, whole=False)
    async with database.read() as session:
        return "\n".join(row[0] for row in await session.fetch(f"explain {sql}", values))
