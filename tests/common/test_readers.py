"""Single statements on connections of their own: what happens when one is lost or in the way."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from earthcode_common.db import Database
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

PID = "select pg_backend_pid()"


@pytest.fixture
async def readable(postgres_url: Callable[[str], str]) -> AsyncIterator[Database]:
    database = Database(postgres_url("postgres"), pool_size=2)
    yield database
    await database.close()


async def pids(database: Database) -> set[int]:
    """Of two statements at once: two connections."""
    async with database.read() as session:
        slow = f"{PID} from pg_sleep(0.05)"
        rows = await asyncio.gather(session.fetch(slow), session.fetch(slow))
    return {row[0][0] for row in rows}


async def test_one_after_the_other_uses_one_connection(readable: Database) -> None:
    async with readable.read() as session:
        first = (await session.fetch(PID))[0][0]
        assert (await session.fetch("select $1::int", [7]))[0][0] == 7
        assert (await session.fetch(PID))[0][0] == first


async def test_lost_connections_are_replaced_unnoticed(readable: Database) -> None:
    before = await pids(readable)
    assert len(before) == 2
    async with readable.write() as session:
        await session.execute(
            text("select pg_terminate_backend(pid) from unnest(cast(:pids as int[])) as pid"),
            {"pids": list(before)},
        )
    async with readable.read() as session:
        assert (await session.fetch(PID))[0][0] not in before


async def test_a_wrong_statement_leaves_the_connection(readable: Database) -> None:
    async with readable.read() as session:
        first = (await session.fetch(PID))[0][0]
        for sql, values in (("select 1 / $1::int", [0]), ("select $1::int", ["x"])):
            with pytest.raises(DBAPIError) as caught:
                await session.fetch(sql, values)
            assert caught.value.orig.sqlstate.startswith("22")
        assert (await session.fetch(PID))[0][0] == first


async def test_a_cancelled_statement_is_cancelled_on_the_server(readable: Database) -> None:
    async with readable.read() as session:
        first = (await session.fetch(PID))[0][0]
        task = asyncio.create_task(session.fetch("select pg_sleep(60)"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await asyncio.wait_for(session.fetch(PID), 30))[0][0] == first


async def test_who_waits_too_long_is_told(
    readable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earthcode_common.readers.WAIT", 0.1)
    async with readable.read() as session:
        waiting = [asyncio.create_task(session.fetch("select pg_sleep(60)")) for _ in range(3)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
        assert isinstance(done.pop().exception(), PoolTimeout)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_database_that_is_not_there(tmp_path: object) -> None:
    database = Database(f"postgresql://postgres@/none?host={tmp_path}")
    async with database.read() as session:
        with pytest.raises(OperationalError):
            await session.fetch("select 1")


async def test_a_write_session_reads_what_it_has_written(readable: Database) -> None:
    async with readable.write() as session:
        await session.execute(text("create temporary table own (n int) on commit drop"))
        await session.execute(text("insert into own values (5)"))
        assert (await session.fetch("select n from own"))[0][0] == 5
