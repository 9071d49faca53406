"""What the tables of every projection have in common: ``entity``, one row for each key."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import sqlalchemy as sa

from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import Key

entity = sa.table("entity", *map(sa.column, ("kind", "id", "version", "projected")))
KEYS = "unnest(cast(:kinds as text[]), cast(:ids as text[])) as k(kind, id)"
# Whether the project "e" has the id of a product, which then has the shorter address.
TWIN = (
    "(e.kind = 'project' and exists"
    " (select from entity p where p.kind = 'product' and p.id = e.id))"
)


class Versioned(Protocol):
    @property
    def key(self) -> Key: ...

    @property
    def version(self) -> int: ...


Entity = TypeVar("Entity", bound=Versioned)


def arrays(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The parameters of ``KEYS``."""
    pairs = list(keys)
    return {"kinds": [key.kind for key in pairs], "ids": [key.id for key in pairs]}


async def versions(session: ReadSession, keys: Iterable[Key]) -> dict[Key, tuple[int, datetime]]:
    """Of those that are projected: which version, and when."""
    query = sa.text(
        f"select e.kind, e.id, version, projected from entity e join {KEYS} using (kind, id)"
    )
    rows = await session.execute(query, arrays(keys))
    return {Key(row.kind, row.id): (row.version, row.projected) for row in rows}


async def newer(
    session: ReadSession, entities: Iterable[Entity], over_before: datetime | None
) -> list[Entity]:
    """Of each key the newest, where it is newer than what is projected.

    What was projected before ``over_before`` counts as older than anything.
    """
    latest: dict[Key, Entity] = {}
    for one in entities:
        if one.key not in latest or latest[one.key].version < one.version:
            latest[one.key] = one
    known = await versions(session, latest)
    return [one for key, one in latest.items() if _wins(one, known.get(key), over_before)]


def _wins(one: Versioned, known: tuple[int, datetime] | None, over_before: datetime | None) -> bool:
    if known is None or one.version > known[0]:
        return True
    return over_before is not None and known[1] < over_before


async def projected_before(
    session: ReadSession, moment: datetime, kinds: Sequence[str]
) -> set[Key]:
    wanted = sa.select(entity.c.kind, entity.c.id).where(
        entity.c.projected < moment, entity.c.kind.in_(kinds)
    )
    return {Key(*row) for row in await session.execute(wanted)}


async def now(session: ReadSession) -> datetime:
    """When the transaction began."""
    return (await session.execute(sa.select(sa.func.now()))).scalar_one()
