"""What the tables of every projection have in common: ``entity``, one row for each key."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import Key

KEYS = "unnest(cast(:kinds as text[]), cast(:ids as text[])) as k(kind, id)"
# Whether the project "e" has the id of a product, which then has the shorter address.
TWIN = (
    "(e.kind = 'project' and exists"
    " (select from entity p where p.kind = 'product' and p.id = e.id))"
)


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
