"""The indexes of a search store: left out while an empty one is filled, and made again after.

Their definitions are those of ``store.sql`` and ``boxes.sql``, so nothing has to be remembered
between the two: what is missing is made, whoever dropped it. The keys stay; without them one id
could be there twice.
"""

import asyncio
import re
from collections.abc import Iterator
from importlib.resources import files

import asyncpg

from earthcode_common.db import plain_url
from earthcode_common.ogc.tables import tables

_INDEX = re.compile(r"^create index (\w+) on ", re.MULTILINE)
_MEMORY = "set maintenance_work_mem = '256MB'"


class NotEmpty(RuntimeError):
    """The store holds documents, which are searched."""


def definitions(name: str) -> dict[str, str]:
    """SQL by the name of the index."""
    folder = files("earthcode_common.ogc")
    text = "\n".join((folder / file).read_text("utf-8") for file in ("store.sql", "boxes.sql"))
    sql = text.replace("{name}", tables(name).main.name)
    found = _INDEX.finditer(sql)
    return {one[1]: sql[one.start() : sql.index(";", one.end())] for one in found}


async def drop(url: str, name: str) -> None:
    """Raises NotEmpty; searches and writes wait for the moment that it takes."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("set local lock_timeout = '10s'")
            await connection.execute(f"lock table {name} in access exclusive mode")
            if await connection.fetchval(f"select exists (select from {name})"):
                raise NotEmpty(f"There are documents in {name} already")
            await connection.execute(f"drop index if exists {', '.join(definitions(name))}")
    finally:
        await connection.close()


async def missing(url: str, name: str) -> list[str]:
    """The names of the indexes that are not there."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        found = await connection.fetch(
            "select indexrelid::regclass::text as name from pg_index where indrelid = $1::regclass",
            name,
        )
    finally:
        await connection.close()
    there = {row["name"] for row in found}
    return [index for index in definitions(name) if index not in there]


async def build(url: str, name: str, at_once: int = 2) -> None:
    """Make what is missing, each in its own transaction; searches go on, writes wait."""
    waiting = await missing(url, name)
    slowest_first = sorted(waiting, key=lambda index: not index.endswith(("_box", "_words")))
    jobs = iter(slowest_first)
    await asyncio.gather(*(_build(url, name, jobs) for _ in range(at_once)))


async def _build(url: str, name: str, jobs: Iterator[str]) -> None:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        await connection.execute(_MEMORY)
        for index in jobs:
            sql = definitions(name)[index].replace("create index", "create index if not exists", 1)
            await connection.execute(sql)
    finally:
        await connection.close()


async def analyse(url: str, name: str) -> None:
    """Tell the planner what is in the tables now."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        await connection.execute(f"analyze {name}, {name}_doc")
    finally:
        await connection.close()
