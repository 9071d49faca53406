"""How large a store is, roughly, without counting."""

import time
from weakref import WeakKeyDictionary

from earthcode_common.db import Database, ReadSession

FRESH = 60.0  # seconds
_seen: WeakKeyDictionary[Database, dict[str, tuple[float, float]]] = WeakKeyDictionary()


async def more_than(session: ReadSession, table: str, number: int) -> bool:
    """By PostgreSQL's own estimate (``pg_class.reltuples``), which a vacuum or analyze renews."""
    seen = _seen.setdefault(session.database, {})
    asked, size = seen.get(table, (-FRESH, 0.0))
    if time.monotonic() - asked > FRESH:
        rows = await session.fetch(
            "select reltuples from pg_class where oid = $1::text::regclass", [table]
        )
        size = rows[0]["reltuples"]
        seen[table] = (time.monotonic(), size)
    return size > number
