"""A process that reads blocks from its pipe, stores each in a transaction, and says what became.

When the loader is killed the pipe ends: what is under way is stored whole or not at all.
"""

import asyncio
import gc
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import asyncpg
from earthcode_common.db import Database
from sqlalchemy.exc import DBAPIError

from catalog_api import store
from catalog_api.domain import lean
from catalog_api.domain.lean import Line
from catalog_api.loading.errors import LoadFailed
from catalog_api.loading.files import Block
from catalog_api.loading.ranges import Range
from catalog_api.operations.items import Numbered, OnConflict, Report, store_all

BATCH = 1000  # lines in a transaction
TRIES = 5
# The command flushes once, before it tells that all is stored, instead of waiting for each batch.
_SETTINGS = {"synchronous_commit": "off"}
_AGAIN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)


@dataclass(frozen=True)
class Options:
    database_url: str
    public_url: str
    collection: str | None
    on_conflict: OnConflict
    longest: int  # bytes of a line


@dataclass(frozen=True)
class Outcome:
    file: str
    size: int
    reports: list[Report]  # one of each batch


@dataclass(frozen=True)
class Failure:
    reason: str


def run(pipe: Connection, options: Options) -> None:
    # Nothing here refers to itself, so looking for such rubbish is time lost: a third of all.
    gc.disable()
    try:
        asyncio.run(_work(pipe, options))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass
    except LoadFailed as error:
        pipe.send(Failure(str(error)))
    except Exception as error:
        pipe.send(Failure(f"{type(error).__name__}: {error}"))


async def _work(pipe: Connection, options: Options) -> None:
    database = Database(
        options.database_url, application="earthcode-load", pool_size=1, more=_SETTINGS
    )
    all_new = True
    try:
        while True:
            block: Block | Range = pipe.recv()
            lines = block.lines(options.longest)
            reports = []
            for start in range(0, len(lines), BATCH):
                batch = lines[start : start + BATCH]
                reports.append(await _store(database, batch, options, all_new))
                all_new = reports[-1].inserted == len(batch)
            pipe.send(Outcome(block.file, block.size, reports))
    finally:
        await database.close()


async def _store(database: Database, lines: list[Line], options: Options, all_new: bool) -> Report:
    read = lean.read(lines, options.public_url, options.collection)
    report = Report(received=len(lines))
    report.fail(read.errors)
    if read.documents:
        report.add(await _stored(database, read.documents, options.on_conflict, all_new))
    return report


async def _stored(
    database: Database, documents: list[Numbered], on_conflict: OnConflict, all_new: bool
) -> Report:
    """Tries again when somebody else was storing the same Items at that moment.

    ``all_new``: first without a look at what is there, as in the batch before nothing was.
    """
    for attempt in range(TRIES):
        try:
            return await _write(database, documents, on_conflict, all_new and not attempt)
        except (*_AGAIN, DBAPIError) as error:
            if not isinstance(_cause(error), _AGAIN) or attempt + 1 == TRIES:
                raise
    raise AssertionError


def _cause(error: Exception) -> Any:
    """asyncpg's error within that of SQLAlchemy."""
    return getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error


async def _write(
    database: Database, documents: list[Numbered], on_conflict: OnConflict, all_new: bool
) -> Report:
    products = sorted({one.part for _, one in documents})
    async with database.write() as session:
        await store.share_items(session, products)
        there = await store.products(session, products)
        known = [numbered for numbered in documents if numbered[1].part in there]
        report = await store_all(session, known, on_conflict, all_new=all_new)
    report.fail([_homeless(line, one.part) for line, one in documents if one.part not in there])
    return report


def _homeless(line: int, product: str) -> dict[str, Any]:
    detail = f"There is no product {product!r} to hold the Item; publish it first"
    return {"line": line, "detail": detail}
