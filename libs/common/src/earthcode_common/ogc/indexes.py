"""The indexes of a search store: left out while an empty one is filled, and made again after.

Their definitions are those of the migrations, so nothing has to be remembered between the two:
what is missing is made, whoever dropped it. The keys stay; without them an id could be there twice.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import asyncpg

from earthcode_common.db import flush, plain_url
from earthcode_common.migrate import migrations

_STEP = re.compile(r"^((?:create|drop) index ([\w, ]+?)(?: on (\w+)\b[^;]*)?);", re.MULTILINE)
# Nobody waits for the disk before all is done. Several are made at once, so each has one process.
# With more memory words take longer: their tree no longer fits into the cache of the processor.
_SETTINGS = """
    set synchronous_commit = off; set maintenance_work_mem = '64MB';
    set max_parallel_maintenance_workers = 0"""


class Table(NamedTuple):
    package: str  # whose migrations make it
    name: str


class NotEmpty(RuntimeError):
    """The store holds documents, which are searched."""


@cache
def definitions(table: Table) -> dict[str, str]:
    """SQL by the name of the index, as the migrations leave them."""
    found: dict[str, str] = {}
    for migration in migrations(table.package):
        for step in _STEP.finditer(migration.sql):
            sql, names, on = step.groups()
            if on == table.name:
                found[names] = sql
            elif on is None:
                found = {name: sql for name, sql in found.items() if name not in names.split(", ")}
    return found


async def drop(url: str, table: Table) -> None:
    """Raises NotEmpty; searches and writes wait for the moment that it takes."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("set local lock_timeout = '10s'")
            await connection.execute(f"lock table {table.name} in access exclusive mode")
            if await connection.fetchval(f"select exists (select from {table.name})"):
                raise NotEmpty(f"There are documents in {table.name} already")
            await connection.execute(f"drop index if exists {', '.join(definitions(table))}")
    finally:
        await connection.close()


async def missing(url: str, table: Table) -> list[str]:
    """The names of the indexes that are not there."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        found = await connection.fetch(
            "select indexrelid::regclass::text as name from pg_index where indrelid = $1::regclass",
            table.name,
        )
    finally:
        await connection.close()
    there = {row["name"] for row in found}
    return [index for index in definitions(table) if index not in there]


def needed_first(table: Table, names: Iterable[str]) -> list[str]:
    """Without words and the orders by properties: of these no search by place and time knows.

    What is called otherwise is needed, so an index that comes new is made early rather than late.
    """
    words, orders = f"{table.name}_words", f"{table.name}_by_"
    return [name for name in names if name != words and not name.startswith(orders)]


async def build(
    url: str, table: Table, names: Sequence[str], at_once: int = 2, also: Sequence[str] = ()
) -> None:
    """Make these, each in its own transaction; searches go on, writes wait.

    ``also``: statements that can be done meanwhile.
    """
    waiting = [definitions(table)[name] for name in names]
    slowest_first = sorted(waiting, key=lambda sql: " using gi" not in sql)
    made = [sql.replace(" index ", " index if not exists ", 1) for sql in slowest_first]
    jobs = iter([*also, *made])
    await asyncio.gather(*(_run(url, jobs) for _ in range(at_once)))
    await flush(url)


async def _run(url: str, statements: Iterator[str]) -> None:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        await connection.execute(_SETTINGS)
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()
