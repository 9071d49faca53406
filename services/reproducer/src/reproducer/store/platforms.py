from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy.dialects.postgresql import insert

from reproducer.tables import platform

COLUMNS = ("title", "kind", "url", "max_jobs", "settles_seconds", "offered")


async def replace_platforms(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Offer exactly these; runs keep the others they were made on."""
    await session.execute(sa.update(platform).values(offered=False))
    if not rows:
        return
    statement = insert(platform).values([row | {"offered": True} for row in rows])
    changed = {name: statement.excluded[name] for name in COLUMNS}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=changed | {"updated": sa.func.now()}
        )
    )


async def offered_platforms(session: ReadSession) -> Sequence[sa.Row[Any]]:
    query = sa.select(platform).where(platform.c.offered).order_by(platform.c.id)
    return (await session.execute(query)).all()


async def find_platform(session: ReadSession, key: str) -> sa.Row[Any] | None:
    query = sa.select(platform).where(platform.c.id == key)
    return (await session.execute(query)).one_or_none()
