"""The practical limit: a bare search over the same kind of tables, without checks and links."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.catalog.clusters import Dsn, create, number
from bench.catalog.serving import program, serving
from bench.catalog.settings import Run


async def load(run: Run, dsn: Dsn, name: str, data: Path, items: int) -> float | None:
    """Seconds with indexes for the Items of a folder; None when they were there already."""
    await create(dsn, name)
    if await number(dsn(name), "item") == items:
        return None
    script = run.tool("plain_store.py")
    command = [sys.executable, script, "load", "--dsn", dsn(name), "--data", data]
    return program(command, run.work / "bare.log")


@contextmanager
def served(run: Run, address: str) -> Iterator[str]:
    folder = run.tool("plain_store.py").parent
    command = [
        *(sys.executable, "-m", "uvicorn", "plain_store:app", "--app-dir", folder),
        *("--port", "PORT", "--no-access-log"),
    ]
    with serving(command, run.work / "bare-server.log", {"BENCH_DSN": address}) as url:
        yield url
