"""Migration 0006: other bodies with the same values, and documents that go with their Items."""

from importlib.resources import files
from typing import Any

import orjson
import pytest
from catalog_api import store
from catalog_api.service import SERVICE
from earthcode_common.db import Database, flush
from earthcode_common.ogc.query import Document

LONG = "é" * 119 + '"\\'
TEXTS = ["a", "", 'q"\\ü\n', LONG, LONG + "x", LONG * 3]
VALUES = [*TEXTS, 1, -0.5, 1e300, True, False, None, [1], {"a": 1}]
TIMES = """select timestamptz '1700-01-01 00:00:00.000001+00' + n * interval '7 days 1.234567 s'
    from generate_series(1, 40000) as n union all select null union all select 'infinity'
    union all select '-infinity'"""


@pytest.fixture
async def database(make_database: Any) -> Any:
    made = Database(await make_database(SERVICE), pool_size=1)
    yield made
    await made.close()


async def before(session: Any, name: str) -> str:
    """Brings the function as the first migration made it, by another name."""
    sql = (files("earthcode_common.ogc") / "store.sql").read_text("utf-8")
    start = sql.index(f"create or replace function {name}(")
    made = sql[start : sql.index(";", start)]
    await session.exec_driver_sql(made.replace(f"{name}(", f"{name}_before(", 1))
    return f"{name}_before"


async def test_what_is_sorted_by_is_the_same(database: Database) -> None:
    props = orjson.dumps({str(n): value for n, value in enumerate(VALUES)}).decode()
    async with database.write() as session:
        old = await before(session, "search_key")
        rows = await session.fetch(
            f"select search_key(p, n), {old}(p, n) from cast($1::text as jsonb) as p,"
            f" generate_series(0, {len(VALUES)}) as i, cast(i as text) as n",
            (props,),
        )
        assert [row[0] for row in rows] == [row[1] for row in rows]
        assert sum(row[0] is not None for row in rows) == len(VALUES) - 3
        empty = await session.fetch("select search_key(null, 'a'), search_key('{\"a\": 1}', null)")
    assert list(empty[0]) == [None, None]


async def test_times_of_the_index_are_the_same(database: Database) -> None:
    async with database.write() as session:
        old = await before(session, "search_time")
        rows = await session.fetch(
            "select count(*), count(*) filter (where search_time(t) is distinct from"
            f" {old}(t)) from ({TIMES}) as every(t)"
        )
    assert tuple(rows[0]) == (40003, 0)


async def test_both_are_put_in_the_place_of_the_call(database: Database) -> None:
    """Else a row that is written costs many times as much."""
    async with database.read() as session:
        for call in ("search_key(props, 'gsd')", "search_time(t0)"):
            plan = await session.fetch(f"explain (verbose) select {call} from item")
            assert "search_" not in "".join(row[0] for row in plan)


async def test_documents_go_with_their_items(database: Database) -> None:
    async with database.write() as session:
        await store.items.put(session, [Document("p", f"{n}", "{}") for n in range(5)])
        await store.items.delete(session, "p", ["1", "2"])
    assert await numbers(database) == (3, 3)
    async with database.write() as session:
        await store.items.clear(session)
    assert await numbers(database) == (0, 0)


async def numbers(database: Database) -> tuple[int, int]:
    async with database.read() as session:
        rows = await session.fetch(
            "select (select count(*) from item), (select count(*) from item_doc)"
        )
    return tuple(rows[0])


async def test_what_nobody_waited_for_is_on_the_disk_after_a_flush(database: Database) -> None:
    """Looked at at once and more than once: soon PostgreSQL would have written it by itself."""
    done = "select pg_current_wal_flush_lsn() >= $1::text::pg_lsn"
    slow = Database(database.url, pool_size=1, more={"synchronous_commit": "off"})
    async with database.read() as looking:
        assert (await looking.fetch(done, ("0/0",)))[0][0]
        for turn in range(5):
            written = await unwaited(slow, turn)
            await flush(database.url)
            assert (await looking.fetch(done, (written,)))[0][0], turn
    await slow.close()


async def unwaited(slow: Database, turn: int) -> str:
    async with slow.write() as session:
        documents = [Document("p", f"{turn}-{n}", "{}") for n in range(100)]
        await store.items.put(session, documents)
    async with slow.read() as session:
        assert (await session.fetch("show synchronous_commit"))[0][0] == "off"
        return (await session.fetch("select pg_current_wal_insert_lsn()::text"))[0][0]
