"""The catalogue: its database, its load command, its server."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from bench.catalog.clusters import Dsn, create, number, vacuum
from bench.catalog.serving import moments, program, serving
from bench.catalog.settings import Run

PYTHON = [sys.executable, "-m", "catalog_api"]
SEARCHED = b" all can be searched by "  # what the load says then


class Took(NamedTuple):
    """Seconds from the start of the command."""

    searched: float  # until all can be searched by place, time, Collection and id, as it says
    whole: float  # until its end: words and orders by properties have their indexes too


async def load(run: Run, dsn: Dsn, name: str, files: list[Path], items: int) -> Took | None:
    """None when they were there already."""
    await create(dsn, name)
    address = dsn(name)
    log, env = run.work / "ours.log", {"EARTHCODE_DATABASE_URL": address}
    program([*PYTHON, "migrate"], log, env)
    if await number(address, "item") == items:
        return None
    await _products(run, address)
    took = Took(*moments([*PYTHON, "load", *run.load_arguments, *files], log, env, SEARCHED))
    await vacuum(address)
    return took


async def _products(run: Run, address: str) -> None:
    """As the publisher's events would make them: Items need a product to be in."""
    connection = await asyncpg.connect(address)
    try:
        for line in (run.data / "collections.ndjson").read_text().splitlines():
            found = json.loads(line)
            await connection.execute(
                "insert into entity (kind, id, version, digest, owner, title, body, links)"
                " values ('product', $1, 1, '', 'bench', $2, $3, '[]') on conflict do nothing",
                found["id"],
                found["title"],
                line,
            )
    finally:
        await connection.close()


@contextmanager
def served(run: Run, address: str) -> Iterator[str]:
    env = {"EARTHCODE_DATABASE_URL": address, "EARTHCODE_LOG_LEVEL": "WARNING"}
    command = [*PYTHON, "serve", "--port", "PORT"]
    with serving(command, run.work / "ours-server.log", env, "/stac") as url:
        yield url
