"""Runs as people see them: made, listed, read, cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession

from reproducer.tables import comparison, run, run_event, run_output

WAKE = "run_wake"  # a worker has something to do
TOLD = "run_event"  # a run has something new to tell; the payload is its id

Filters = dict[str, Any]


async def add_run(session: WriteSession, values: dict[str, Any]) -> sa.Row[Any]:
    statement = sa.insert(run).values(**values, state="planned").returning(run)
    row: sa.Row[Any] = (await session.execute(statement)).one()
    await append_event(session, row.id, "transition", "planned")
    await session.execute(sa.select(sa.func.pg_notify(WAKE, "")))
    return row


async def append_event(
    session: WriteSession,
    key: UUID,
    kind: str,
    state: str,
    *,
    progress: int | None = None,
    message: str | None = None,
) -> None:
    """Append to the log of a run whose row is locked (or new), so the numbers have no gaps."""
    last = sa.select(sa.func.coalesce(sa.func.max(run_event.c.number), 0) + 1)
    number = last.where(run_event.c.run == key).scalar_subquery()
    values = {"run": key, "number": number, "kind": kind, "state": state}
    statement = sa.insert(run_event).values(**values, progress=progress, message=message)
    await session.execute(statement)
    await session.execute(sa.select(sa.func.pg_notify(TOLD, str(key))))


async def count_active(session: ReadSession, owner: str) -> int:
    query = sa.select(sa.func.count()).select_from(run)
    return (
        await session.execute(query.where(run.c.owner == owner, run.c.ended.is_(None)))
    ).scalar_one()


async def lock_owner(session: WriteSession, owner: str) -> None:
    """One at a time, so that two requests cannot both take the last free place."""
    key = sa.func.hashtextextended(f"runs of {owner}", 11)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def find_run(session: ReadSession, key: UUID) -> sa.Row[Any] | None:
    return (await session.execute(sa.select(run).where(run.c.id == key))).one_or_none()


async def lock_run(session: WriteSession, key: UUID) -> sa.Row[Any] | None:
    query = sa.select(run).where(run.c.id == key).with_for_update()
    return (await session.execute(query)).one_or_none()


async def page_of_runs(
    session: ReadSession, filters: Filters, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """Newest first; one more than ``limit`` tells that there is another page."""
    query = sa.select(run).order_by(run.c.created.desc(), run.c.id.desc()).limit(limit + 1)
    query = query.where(*(run.c[name] == value for name, value in filters.items()))
    if after:
        query = query.where(sa.tuple_(run.c.created, run.c.id) < sa.tuple_(*after))
    return (await session.execute(query)).all()


async def events_after(session: ReadSession, key: UUID, number: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(run_event).where(run_event.c.run == key, run_event.c.number > number)
    return (await session.execute(query.order_by(run_event.c.number))).all()


async def transitions(session: ReadSession, key: UUID) -> Sequence[sa.Row[Any]]:
    query = sa.select(run_event).where(run_event.c.run == key, run_event.c.kind == "transition")
    return (await session.execute(query.order_by(run_event.c.number))).all()


async def outputs_of(session: ReadSession, key: UUID) -> Sequence[sa.Row[Any]]:
    query = sa.select(run_output).where(run_output.c.run == key).order_by(run_output.c.name)
    return (await session.execute(query)).all()


async def comparisons_of(session: ReadSession, key: UUID) -> Sequence[sa.Row[Any]]:
    query = sa.select(comparison).where(comparison.c.run == key).order_by(comparison.c.number)
    return (await session.execute(query)).all()


async def ask_to_cancel(session: WriteSession, key: UUID) -> None:
    """The worker does it: only it knows whether a job exists."""
    values = {"cancel_asked": sa.func.now(), "wake": sa.func.now(), "updated": sa.func.now()}
    await session.execute(sa.update(run).where(run.c.id == key).values(**values))
    await session.execute(sa.select(sa.func.pg_notify(WAKE, "")))
