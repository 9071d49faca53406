"""The jobs, one row each, in SQLite. Every process opens its own connection for a moment.

`attempt` is a fence: it grows with every start of a job, and what a job's process writes counts
only while its attempt is the current one and the job is running. So of two processes of one job,
whatever was killed when, one at most has a result.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists job (
    identifier text primary key,
    process_id text not null,
    inputs text not null,
    requested_outputs text not null,
    response text not null check (response in ('raw', 'document')),
    status text not null
        check (status in ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    message text not null,
    progress integer not null default 0,
    attempt integer not null default 0,
    failures integer not null default 0,
    pid integer,
    birth text,
    outputs text not null default '{}',
    created text not null,
    started text,
    finished text,
    updated text not null
);
create index if not exists job_by_status on job (status, created);
create index if not exists job_by_creation on job (created);
"""
LARGEST = 2**62


@dataclass(frozen=True)
class Job:
    identifier: str
    process_id: str
    inputs: dict[str, Any]
    requested_outputs: dict[str, Any]
    response: str
    status: str
    message: str
    progress: int
    attempt: int
    failures: int
    pid: int | None
    birth: str | None
    outputs: dict[str, Any]
    created: str
    started: str | None
    finished: str | None
    updated: str


def prepare(database: Path) -> None:
    with opened(database) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.executescript(SCHEMA)


def add(
    database: Path,
    identifier: str,
    process_id: str,
    inputs: dict[str, Any],
    requested_outputs: dict[str, Any],
    response: str,
) -> None:
    texts = (json.dumps(inputs), json.dumps(requested_outputs), response)
    with opened(database) as connection:
        connection.execute(
            "insert into job (identifier, process_id, inputs, requested_outputs, response, status,"
            " message, created, updated) values (?, ?, ?, ?, ?, 'accepted', 'Waiting', ?, ?)",
            (identifier, process_id, *texts, now(), now()),
        )


def find(database: Path, identifier: str) -> Job | None:
    with opened(database) as connection:
        return one(connection, identifier)


def listing(
    database: Path,
    statuses: list[str],
    process_ids: list[str],
    marker: str | None,
    limit: int,
    offset: int,
) -> tuple[list[Job], int]:
    """The newest first, and how many there are."""
    where, values = conditions(statuses, process_ids, marker)
    with opened(database) as connection:
        matched = connection.execute(f"select count(*) from job where {where}", values).fetchone()
        rows = connection.execute(
            f"select * from job where {where} order by created desc, rowid desc limit ? offset ?",
            (*values, min(limit, LARGEST), min(offset, LARGEST)),
        ).fetchall()
    return [job_of(row) for row in rows], matched[0]


def conditions(
    statuses: list[str], process_ids: list[str], marker: str | None
) -> tuple[str, list[str]]:
    parts = ["true"]
    if statuses:
        parts.append(f"status in ({', '.join('?' * len(statuses))})")
    if process_ids:
        parts.append(f"process_id in ({', '.join('?' * len(process_ids))})")
    if marker is not None:
        parts.append("json_extract(inputs, '$.marker') = ?")
    return " and ".join(parts), [*statuses, *process_ids, *([] if marker is None else [marker])]


def count(database: Path, status: str) -> int:
    with opened(database) as connection:
        row = connection.execute("select count(*) from job where status = ?", (status,)).fetchone()
    return int(row[0])


def running(database: Path) -> list[Job]:
    with opened(database) as connection:
        rows = connection.execute("select * from job where status = 'running'").fetchall()
    return [job_of(row) for row in rows]


def claim(database: Path) -> Job | None:
    """The oldest waiting job, now running under a new attempt whose process is not known yet."""
    with opened(database) as connection:
        connection.execute("begin immediate")
        row = connection.execute(
            "select identifier from job where status = 'accepted' order by created, rowid limit 1"
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "update job set status = 'running', message = 'Starting', progress = 0,"
            " attempt = attempt + 1, pid = null, birth = null, started = ?, updated = ?"
            " where identifier = ?",
            (now(), now(), row["identifier"]),
        )
        return one(connection, row["identifier"])


def register(database: Path, identifier: str, attempt: int, pid: int, birth: str) -> Job | None:
    """The job, when the process that calls is the one that shall do it."""
    with opened(database) as connection:
        changed = connection.execute(
            "update job set pid = ?, birth = ?, updated = ? where identifier = ? and attempt = ?"
            " and status = 'running' and pid is null",
            (pid, birth, now(), identifier, attempt),
        ).rowcount
        return one(connection, identifier) if changed else None


def report(database: Path, identifier: str, attempt: int, progress: int, message: str) -> bool:
    with opened(database) as connection:
        changed = connection.execute(
            "update job set progress = ?, message = ?, updated = ?"
            " where identifier = ? and attempt = ? and status = 'running'",
            (progress, message, now(), identifier, attempt),
        ).rowcount
    return changed == 1


def succeed(database: Path, identifier: str, attempt: int, outputs: dict[str, Any]) -> bool:
    with opened(database) as connection:
        changed = connection.execute(
            "update job set status = 'successful', message = 'Done', progress = 100, outputs = ?,"
            " finished = ?, updated = ? where identifier = ? and attempt = ?"
            " and status = 'running'",
            (json.dumps(outputs), now(), now(), identifier, attempt),
        ).rowcount
    return changed == 1


def fail(database: Path, identifier: str, attempt: int, message: str) -> bool:
    with opened(database) as connection:
        changed = connection.execute(
            "update job set status = 'failed', message = ?, finished = ?, updated = ?"
            " where identifier = ? and attempt = ? and status = 'running'",
            (message, now(), now(), identifier, attempt),
        ).rowcount
    return changed == 1


def requeue(database: Path, identifier: str, attempt: int, message: str, failures: int) -> bool:
    """Its process, if any, stays on record, so that it can still be ended."""
    with opened(database) as connection:
        changed = connection.execute(
            "update job set status = 'accepted', message = ?, progress = 0, failures = ?,"
            " updated = ?"
            " where identifier = ? and attempt = ? and status = 'running'",
            (message, failures, now(), identifier, attempt),
        ).rowcount
    return changed == 1


def dismiss(database: Path, identifier: str) -> bool:
    with opened(database) as connection:
        changed = connection.execute(
            "update job set status = 'dismissed', message = 'Dismissed', finished = ?, updated = ?"
            " where identifier = ? and status in ('accepted', 'running')",
            (now(), now(), identifier),
        ).rowcount
    return changed == 1


def remove(database: Path, identifier: str) -> bool:
    with opened(database) as connection:
        changed = connection.execute(
            "delete from job where identifier = ? and status not in ('accepted', 'running')",
            (identifier,),
        ).rowcount
    return changed == 1


def finished_before(database: Path, age: timedelta) -> list[str]:
    limit = text_of(datetime.now(UTC) - age)
    with opened(database) as connection:
        rows = connection.execute("select identifier from job where finished < ?", (limit,))
        return [row["identifier"] for row in rows]


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection with a transaction that is committed when the block ends well."""
    connection = sqlite3.connect(database, timeout=30)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma synchronous = full")
        with connection:
            yield connection
    finally:
        connection.close()


def one(connection: sqlite3.Connection, identifier: str) -> Job | None:
    row = connection.execute("select * from job where identifier = ?", (identifier,)).fetchone()
    return job_of(row) if row else None


def job_of(row: sqlite3.Row) -> Job:
    values = dict(row)
    for column in ("inputs", "requested_outputs", "outputs"):
        values[column] = json.loads(values[column])
    return Job(**values)


def now() -> str:
    return text_of(datetime.now(UTC))


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
