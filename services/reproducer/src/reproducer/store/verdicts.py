"""Outputs, comparisons and the reproduction record that they end in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy.dialects.postgresql import insert

from reproducer.tables import comparison, reproduction, run, run_output


async def add_outputs(
    session: WriteSession, key: UUID, outputs: Sequence[Mapping[str, Any]]
) -> None:
    if outputs:
        await session.execute(sa.insert(run_output), [{"run": key, **row} for row in outputs])


async def add_comparisons(
    session: WriteSession, key: UUID, compared: Sequence[Mapping[str, Any]]
) -> None:
    rows = [{"run": key, "number": n, **row} for n, row in enumerate(compared)]
    if rows:
        await session.execute(sa.insert(comparison), rows)


async def add_reproduction(session: WriteSession, values: Mapping[str, Any]) -> None:
    await session.execute(insert(reproduction).values(**values))


async def find_reproduction(session: ReadSession, key: str) -> sa.Row[Any] | None:
    query = sa.select(reproduction).where(reproduction.c.id == key)
    return (await session.execute(query)).one_or_none()


async def page_of_reproductions(
    session: ReadSession,
    filters: Mapping[str, Any],
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[sa.Row[Any]]:
    """Newest first; one more than ``limit`` tells that there is another page."""
    query = sa.select(reproduction).limit(limit + 1)
    query = query.order_by(reproduction.c.created.desc(), reproduction.c.id.desc())
    query = query.where(*(reproduction.c[name] == value for name, value in filters.items()))
    if after:
        place = sa.tuple_(reproduction.c.created, reproduction.c.id)
        query = query.where(place < sa.tuple_(*after))
    return (await session.execute(query)).all()


async def jobs_of_others(
    session: ReadSession, key: UUID, platform: str, jobs: Collection[str]
) -> set[str]:
    """Which of these jobs belong to other runs."""
    query = sa.select(run.c.job_id).where(
        run.c.platform == platform, run.c.id != key, run.c.job_id.in_(list(jobs))
    )
    return set((await session.execute(query)).scalars())


async def has_rivals(session: ReadSession, key: UUID, platform: str, process: str) -> bool:
    """Another run of the same process is also without a job that it may have."""
    query = sa.select(sa.literal(1)).where(
        run.c.platform == platform,
        run.c.process == process,
        run.c.id != key,
        run.c.state == "submitting",
    )
    return (await session.execute(query.limit(1))).first() is not None
