"""The SQL of harvesting: records in the order in which they changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import Key

from records_api.domain.harvest import Wanted
from records_api.store import PROJECTION_LOCK

_IS_THEMED = "jsonb_typeof(r.props -> 'themes') = 'array'"
_THEMES = f"case when {_IS_THEMED} then r.props -> 'themes' else '[]' end"


class Place(NamedTuple):
    """After which record to go on."""

    updated: datetime
    part: str
    id: str


class Changed(NamedTuple):
    """``doc`` is None when only headers are wanted."""

    key: Key
    updated: datetime
    themes: Sequence[str]
    doc: str | None

    @property
    def place(self) -> Place:
        return Place(self.updated, *self.key)


async def settled(session: ReadSession) -> datetime:
    """A moment up to which all changes can be seen, and after which all others are dated.

    Records are dated under the lock of the projection, and seen once that is free again: who goes
    on from this moment misses nothing.
    """
    waited = sa.text("select pg_advisory_xact_lock_shared(:lock)")
    await session.execute(waited, {"lock": PROJECTION_LOCK})
    moment: datetime = (await session.execute(sa.text("select clock_timestamp()"))).scalar_one()
    return moment


async def changed(
    session: ReadSession, wanted: Wanted, after: Place | None, limit: int, *, docs: bool
) -> list[Changed]:
    conditions, values = _conditions(wanted)
    if after is not None:
        conditions.append("(r.updated, r.part, r.id) > (:updated, :part, :id)")
        values |= after._asdict()
    doc, joined = ("d.doc", "join record_doc d using (seq)") if docs else ("null", "")
    query = f"""
        select r.part, r.id, r.updated, {_THEMES} as themes, {doc} as doc
        from record r {joined} where {" and ".join(conditions)}
        order by r.updated, r.part, r.id limit :limit"""
    rows = await session.execute(sa.text(query), values | {"limit": limit})
    return [Changed(Key(r.part, r.id), r.updated, _texts(r.themes), r.doc) for r in rows]


async def count(session: ReadSession, wanted: Wanted) -> int:
    conditions, values = _conditions(wanted)
    query = f"select count(*) from record r where {' and '.join(conditions)}"
    found: int = (await session.execute(sa.text(query), values)).scalar_one()
    return found


def _conditions(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    found: list[tuple[str, str, Any]] = [
        ("r.updated >= :start", "start", wanted.start),
        ("r.updated < :end", "end", wanted.end),
        ("r.part = :kind", "kind", wanted.among.kind),
        (f"{_IS_THEMED} and r.props -> 'themes' ? :theme", "theme", wanted.among.theme or None),
    ]
    said = [one for one in found if one[2] is not None]
    conditions = ["true", *(condition for condition, _, _ in said)]
    if wanted.among.theme == "":
        conditions.append(f"{_IS_THEMED} and r.props -> 'themes' <> '[]'")
    return conditions, {name: value for _, name, value in said}


async def one(session: ReadSession, key: Key) -> Changed | None:
    query = f"""
        select r.part, r.id, r.updated, {_THEMES} as themes, d.doc
        from record r join record_doc d using (seq) where r.part = :kind and r.id = :id"""
    row = (await session.execute(sa.text(query), key._asdict())).first()
    return Changed(key, row.updated, _texts(row.themes), row.doc) if row else None


async def earliest(session: ReadSession) -> datetime | None:
    query = sa.text("select min(updated) from record")
    found: datetime | None = (await session.execute(query)).scalar_one()
    return found


async def themes(session: ReadSession) -> list[tuple[str, str]]:
    """Ids of the themes that records have, with their titles."""
    query = f"""
        select t.id, coalesce(e.title, t.id) as title
        from (select distinct jsonb_array_elements_text(r.props -> 'themes') as id
              from record r where {_IS_THEMED}) t
        left join entity e on e.kind = 'theme' and e.id = t.id order by t.id"""
    return [(row.id, row.title) for row in await session.execute(sa.text(query))]


async def secret(session: ReadSession) -> bytes:
    """What tokens are signed with."""
    found = await session.execute(sa.text("select key from search_secret"))
    return str(found.scalar_one()).encode()


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
