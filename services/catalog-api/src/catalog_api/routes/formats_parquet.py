"""stac-geoparquet 1.1: Items as rows, properties as columns, within GeoParquet 1.1.

The schema must be known before the first row, so the Items are read once into a file on disk
while their shapes are collected, and written from there.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.query import Stored
from fastapi import Request

from catalog_api import store
from catalog_api.routes.formats_rows import Rows
from catalog_api.routes.formats_schema import Shapes

IN_MEMORY = 8 * 1024 * 1024  # bytes of Items that need no file
GROUP = 5000  # rows of a row group, and Items in memory at a time
MAX_COLLECTIONS = 100  # whose documents go into the metadata
MAGIC = b"PAR1"
_at_once = asyncio.Semaphore(2)  # writing a file takes a processor


async def parts(
    request: Request, found: AsyncIterator[list[Stored]], base: str
) -> AsyncIterator[bytes]:
    """The bytes of the file. The first ones come at once: clients see that there is an answer."""
    yield MAGIC
    async with _at_once:
        with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            shapes = Shapes()
            async for items in found:
                await asyncio.to_thread(_collect, spool, shapes, items, base)
            spool.seek(0)
            rows = Rows(shapes)
            async for piece in _written(request, rows, spool, base):
                yield piece


def _collect(spool: IO[bytes], shapes: Shapes, items: list[Stored], base: str) -> None:
    for one in items:
        line = one.doc.replace(BASE, base).encode()
        shapes.add(orjson.loads(line))
        spool.write(line + b"\n")


async def _written(
    request: Request, rows: Rows, spool: IO[bytes], base: str
) -> AsyncIterator[bytes]:
    skip = len(MAGIC)
    groups = _groups(spool)
    while (piece := await asyncio.to_thread(_next, rows, groups)) is not None:
        yield piece[skip:]
        skip = 0
    collections = await _collections(request, rows.collections, base)
    yield (await asyncio.to_thread(rows.finish, collections))[skip:]


def _next(rows: Rows, groups: Iterator[list[Any]]) -> bytes | None:
    group = next(groups, None)
    return None if group is None else rows.write(group)


def _groups(spool: IO[bytes]) -> Iterator[list[Any]]:
    group = []
    for line in spool:
        group.append(orjson.loads(line))
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


async def _collections(request: Request, ids: set[str], base: str) -> dict[str, Any]:
    """Documents of the Collections that the Items are of."""
    found: dict[str, Any] = {}
    async with request.app.state.runtime.db.read() as session:
        for id in sorted(ids)[:MAX_COLLECTIONS]:
            one = await store.entries.get(session, "product", id)
            if one:
                found[id] = orjson.loads(one.doc.replace(BASE, base))
    return found
