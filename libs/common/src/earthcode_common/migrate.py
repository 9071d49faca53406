"""Numbered ``.sql`` migrations under an advisory lock; a service refuses an older schema.

``NNNN_title.sql`` files are applied once, in order, each in its own transaction, and their digest
is kept: editing a released migration is an error. ``-- include: <package>/<file> key=value ...``
puts another package's SQL in its place, with ``{key}`` replaced.
"""

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from earthcode_common.db import plain_url

LOCK = 4_027_000_001
_INCLUDE = re.compile(r"^-- include: (?P<package>\w+)/(?P<path>\S+)(?P<values>.*)$", re.MULTILINE)
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


class SchemaError(RuntimeError):
    """The database does not have the schema this code needs."""


@dataclass(frozen=True)
class Migration:
    space: str
    number: int
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(package: str) -> list[Migration]:
    """The shared migrations (outbox, inbox, ...) followed by those of ``package``."""
    found = _of("earthcode_common")
    return found if package == "earthcode_common" else found + _of(package)


def _of(package: str) -> list[Migration]:
    folder = files(package) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if _NAME.match(entry.name))
    return [
        Migration(
            package, int(name[:4]), _INCLUDE.sub(_included, (folder / name).read_text("utf-8"))
        )
        for name in names
    ]


def _included(match: re.Match[str]) -> str:
    text = (files(match["package"]) / match["path"]).read_text("utf-8")
    for pair in match["values"].split():
        key, value = pair.split("=", 1)
        text = text.replace("{" + key + "}", value)
    return text


async def migrate(url: str, package: str) -> list[str]:
    """Apply what is missing; returns the names applied. Safe to run from many processes at once."""
    connection = await asyncpg.connect(plain_url(url), timeout=30)
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        await connection.execute(
            "create table if not exists migration (space text, number int, digest text not null,"
            " applied timestamptz not null default now(), primary key (space, number))"
        )
        done = await _applied(connection)
        return [await _apply(connection, m) for m in _missing(migrations(package), done)]
    finally:
        await connection.close()


async def _applied(connection: asyncpg.Connection) -> dict[tuple[str, int], str]:
    rows = await connection.fetch("select space, number, digest from migration")
    return {(row["space"], row["number"]): row["digest"] for row in rows}


def _missing(wanted: list[Migration], done: dict[tuple[str, int], str]) -> list[Migration]:
    for migration in wanted:
        known = done.get((migration.space, migration.number))
        if known and known != migration.digest:
            raise SchemaError(
                f"{migration.space} migration {migration.number:04d} was changed after it was"
                " applied here; add a new migration instead"
            )
    return [m for m in wanted if (m.space, m.number) not in done]


async def _apply(connection: asyncpg.Connection, migration: Migration) -> str:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into migration (space, number, digest) values ($1, $2, $3)",
            migration.space,
            migration.number,
            migration.digest,
        )
    return f"{migration.space}/{migration.number:04d}"


async def check(url: str, package: str, *, wait: float = 0) -> None:
    """Raise SchemaError unless all migrations of ``package`` are there within ``wait`` seconds."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return await _check(url, package)
        except (SchemaError, OSError, asyncpg.PostgresError) as error:
            if time.monotonic() >= deadline:
                raise SchemaError(f"{package}: {error}") from error
            await asyncio.sleep(0.5)


async def _check(url: str, package: str) -> None:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        missing = _missing(migrations(package), await _applied(connection))
    except asyncpg.UndefinedTableError:
        raise SchemaError("the database is empty; run the migrate command") from None
    finally:
        await connection.close()
    if missing:
        names = ", ".join(f"{m.space}/{m.number:04d}" for m in missing)
        raise SchemaError(f"the schema lacks {names}; run the migrate command")
