"""Who works on a run: taken for a while, renewed, and proven again with every change.

``lease_token`` counts up each time a run is taken. A worker that was away too long (a paused
machine, a lost database) finds another token and can change nothing any more.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession

from reproducer.domain.states import TERMINAL
from reproducer.tables import moment, run

# Planned runs wait until their platform has room; all others hold a place already.
CLAIM = sa.text("""
    update run set lease_owner = :owner, lease_token = lease_token + 1,
        lease_expires = now() + make_interval(secs => :seconds)
    where id = (
        select r.id from run r join platform p on p.id = r.platform
        where r.ended is null and r.wake <= now()
          and (r.lease_expires is null or r.lease_expires < now())
          and (r.state <> 'planned' or r.cancel_asked is not null or p.max_jobs > (
              select count(*) from run o where o.platform = r.platform
              and (o.state in ('submitting', 'queued', 'running')
                   or (o.state = 'planned' and o.lease_expires > now()))))
        order by r.wake limit 1 for update of r skip locked)
    returning *, clock_timestamp() as clock
""").columns(*run.columns, sa.column("clock", moment))
RENEW = sa.text("""
    update run set lease_expires = now() + make_interval(secs => :seconds)
    where id = :id and lease_token = :token and ended is null returning id
""")
NEXT = sa.text("""
    select extract(epoch from min(greatest(wake, coalesce(lease_expires, wake))) - now())
    from run where ended is null
""")


class LeaseLost(Exception):
    """Another worker has the run (or it ended): nothing may be changed, nothing was."""


async def claim(session: WriteSession, owner: str, seconds: float) -> sa.Row[Any] | None:
    values = {"owner": owner, "seconds": seconds}
    return (await session.execute(CLAIM, values)).one_or_none()


async def renew(session: WriteSession, key: UUID, token: int, seconds: float) -> bool:
    values = {"id": key, "token": token, "seconds": seconds}
    return (await session.execute(RENEW, values)).one_or_none() is not None


async def seconds_to_next(session: ReadSession) -> float | None:
    found = (await session.execute(NEXT)).scalar_one_or_none()
    return None if found is None else float(found)


async def guard(session: WriteSession, key: UUID, token: int) -> sa.Row[Any]:
    """The run, locked, when ``token`` still is its lease; raises LeaseLost."""
    query = sa.select(run).where(run.c.id == key, run.c.lease_token == token).with_for_update()
    row = (await session.execute(query)).one_or_none()
    if row is None or row.state in TERMINAL:
        raise LeaseLost(str(key))
    return row


async def update_run(session: WriteSession, key: UUID, values: Mapping[str, Any]) -> None:
    statement = sa.update(run).where(run.c.id == key).values(**values, updated=sa.func.now())
    await session.execute(statement)
