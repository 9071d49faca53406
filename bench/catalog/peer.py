"""stac-fastapi-pgstac in an environment of its own, with its own loader and defaults."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from bench.catalog.clusters import Dsn, create, number, vacuum
from bench.catalog.serving import program, serving
from bench.catalog.settings import Run

REQUIREMENTS = Path(__file__).with_name("peer-requirements.txt")


def install(run: Run) -> Path:
    """The folder of its programs."""
    folder = run.work / "peer" / "venv"
    if not (folder / "bin" / "pypgstac").exists():
        log = run.work / "peer-install.log"
        program([sys.executable, "-m", "venv", folder], log)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
        program([*pip, "-r", REQUIREMENTS], log)
    return folder / "bin"


async def load(run: Run, dsn: Dsn, name: str, files: list[Path], items: int) -> float | None:
    """Seconds of `pypgstac load items`, file by file; None when they were there already."""
    await create(dsn, name)
    address, log = dsn(name), run.work / "peer.log"
    if await number(address, "pgstac.items") == items:
        return None
    command = install(run) / "pypgstac"
    program([command, "migrate", "--dsn", address], log)
    collections = run.data / "collections.ndjson"
    method = ["--dsn", address, "--method", "insert"]
    program([command, "load", "collections", collections, *method], log)
    seconds = sum(program([command, "load", "items", file, *method], log) for file in files)
    await vacuum(address)
    return seconds


@contextmanager
def served(run: Run, address: str) -> Iterator[str]:
    parts = urlsplit(address)
    env = {
        "PGUSER": "postgres",
        "PGPASSWORD": "none",
        "PGHOST": quote(parse_qs(parts.query)["host"][0], safe=""),
        "PGPORT": "5432",
        "PGDATABASE": parts.path[1:],
        "ENABLE_TRANSACTIONS_EXTENSIONS": "true",
    }
    command = [
        *(install(run) / "uvicorn", "stac_fastapi.pgstac.app:create_app", "--factory"),
        *("--port", "PORT", "--no-access-log"),
    ]
    with serving(command, run.work / "peer-server.log", env) as url:
        yield url
