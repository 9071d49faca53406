"""PostgreSQL for a measurement: a folder of its own, a Unix socket, the same settings for all."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from earthcode_local.servers import Postgres
from earthcode_local.servers.account import unprivileged
from earthcode_local.servers.processes import ServerError

from bench.catalog.settings import Unable

# Nothing that favours one side: more memory than a laptop's default, and no surprises by the
# just-in-time compiler, which costs short queries more than it gives.
SETTINGS = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "checkpoint_timeout": "15min",
    "jit": "off",
}
DEBIAN = Path("/usr/lib/postgresql/15/bin")
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")


Dsn = Callable[[str], str]


@contextmanager
def cluster(where: str, bin_dir: Path | None = None) -> Iterator[Dsn]:
    """Addresses of databases on a server: one that runs already, or one on that folder.

    The folder is made when absent, with the programs of ``bin_dir`` or of the wheel.
    """
    if where.startswith("postgresql://"):
        yield partial(_address, where)
        return
    folder = Path(where)
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = Postgres(folder, bin_dir=bin_dir)
    if bin_dir is not None and not (folder / "PG_VERSION").exists():
        _initdb(folder, bin_dir)
    _configure(server, folder)
    with server:
        yield server.dsn


def _address(server: str, database: str) -> str:
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}/{database}?{parts.query}"


def peer_programs() -> Path:
    """Those of Debian's PostgreSQL with PostGIS, which the peer needs."""
    if not (DEBIAN / "postgres").exists() or not POSTGIS.exists():
        raise Unable("The peer needs PostGIS: apt-get install postgresql-15-postgis-3")
    return DEBIAN


async def create(dsn: Dsn, database: str) -> None:
    """When it is absent."""
    connection = await asyncpg.connect(dsn("postgres"))
    try:
        there = "select exists (select from pg_database where datname = $1)"
        if not await connection.fetchval(there, database):
            await connection.execute(f'create database "{database}"')
    finally:
        await connection.close()


async def drop(dsn: Dsn, database: str) -> None:
    connection = await asyncpg.connect(dsn("postgres"))
    try:
        await connection.execute(f'drop database if exists "{database}" with (force)')
    finally:
        await connection.close()


async def number(dsn: str, table: str) -> int:
    """Rows; 0 when there is no such table."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("select to_regclass($1)", table) is None:
            return 0
        return int(await connection.fetchval(f"select count(*) from {table}"))
    finally:
        await connection.close()


async def vacuum(dsn: str) -> None:
    """As autovacuum would in a while, so that no side is measured before it."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def _initdb(folder: Path, bin_dir: Path) -> None:
    """As the wheel's, but with options that older servers know too."""
    account = unprivileged(folder)
    folder.mkdir(mode=0o700)
    account.own(folder)
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    command = [str(bin_dir / "initdb"), *options, "-D", "/proc/self/cwd"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **account.identity)
    if done.returncode:
        raise ServerError(f"initdb failed:\n{done.stderr}")


def _configure(server: Postgres, folder: Path) -> None:
    if not (folder / "PG_VERSION").exists():  # the wheel's: made by a first start
        with server:
            pass
    lines = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    (folder / "bench.conf").write_text(lines)
    main = folder / "postgresql.conf"
    line = "include_if_exists = 'bench.conf'\n"
    if line not in main.read_text():
        main.write_text(main.read_text() + line)
    (folder / "bench.conf").chmod(0o644)
