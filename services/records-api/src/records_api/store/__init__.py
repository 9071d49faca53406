"""The SQL of the records service: entities, the edges between them, and the records served."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.projected import KEYS, TWIN, arrays
from earthcode_common.ogc.store import SearchStore
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records_api.domain import derive, external_ids, kinds
from records_api.domain.derive import Extent, Surroundings
from records_api.domain.links import Neighbour
from records_api.domain.records import Entity

records = SearchStore("record")  # part: kind

edge = sa.table("edge", *map(sa.column, ("kind", "id", "to_kind", "to_id")))

PROJECTION_LOCK = 4_027_000_102
HOPS = 3  # reproduction -> experiment -> workflow -> project
_BOTH_WAYS = (
    "(select kind, id, to_kind, to_id from edge"
    " union all select to_kind, to_id, kind, id from edge) b"
)


class Body(NamedTuple):
    key: Key
    version: int
    body: str
    links: str


async def lock_projection(session: WriteSession) -> None:
    """One projection at a time: two that cannot see each other would each miss a link."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(PROJECTION_LOCK)))


async def save(session: WriteSession, entities: Sequence[Entity]) -> None:
    """Replace these entities and what they refer to."""
    columns = ("kind", "id", "version", "digest", "title", "body", "links", "extent")
    changed = ", ".join(f"{c} = excluded.{c}" for c in columns[2:])
    values = ", ".join(f":{c}" for c in columns[:-1])
    statement = sa.text(
        f"insert into entity ({', '.join(columns)}) values ({values}, cast(:extent as jsonb))"
        f" on conflict (kind, id) do update set {changed}, projected = now()"
    )
    await session.execute(statement, [_row(one) for one in entities])
    gone = f"delete from edge using {KEYS} where edge.kind = k.kind and edge.id = k.id"
    await session.execute(sa.text(gone), arrays(one.key for one in entities))
    edges = [
        {"kind": one.key.kind, "id": one.key.id, "to_kind": to.kind, "to_id": to.id}
        for one in entities
        for to in sorted(one.references)
    ]
    if edges:
        await session.execute(sa.insert(edge), edges)


def _row(one: Entity) -> dict[str, Any]:
    extent = one.extent and orjson.dumps(derive.stored(one.extent)).decode()
    return {
        "kind": one.key.kind,
        "id": one.key.id,
        "version": one.version,
        "digest": one.digest,
        "title": one.title,
        "body": one.body,
        "links": one.links,
        "extent": extent,
    }


async def surroundings(session: ReadSession, keys: Collection[Key]) -> Surroundings:
    """Who is linked with whom around ``keys`` (through records, three steps), and their extents."""
    query = sa.text(f"""
        with recursive near(kind, id, to_kind, to_id, hop) as (
            select b.kind, b.id, b.to_kind, b.to_id, 1 from {_BOTH_WAYS} join {KEYS}
              using (kind, id)
            union
            select b.kind, b.id, b.to_kind, b.to_id, hop + 1
            from near join {_BOTH_WAYS} on b.kind = near.to_kind and b.id = near.to_id
            where hop < {HOPS} and near.to_kind = any(cast(:through as text[])))
        select distinct n.kind, n.id, n.to_kind, n.to_id, e.extent from near n
        left join entity e on e.kind = n.to_kind and e.id = n.to_id""")
    rows = await session.execute(query, arrays(keys) | {"through": list(kinds.RECORDS)})
    edges: dict[Key, set[Key]] = {}
    extents = await _own_extents(session, keys)
    for row in rows:
        one, other = Key(row.kind, row.id), Key(row.to_kind, row.to_id)
        edges.setdefault(one, set()).add(other)
        edges.setdefault(other, set()).add(one)
        if row.extent:
            extents[other] = derive.restored(row.extent)
    return Surroundings(edges, extents)


async def _own_extents(session: ReadSession, keys: Collection[Key]) -> dict[Key, Extent]:
    query = sa.text(
        f"select e.kind, e.id, e.extent from entity e join {KEYS} using (kind, id)"
        " where e.extent is not null"
    )
    rows = await session.execute(query, arrays(keys))
    return {Key(row.kind, row.id): derive.restored(row.extent) for row in rows}


async def titles(session: ReadSession, keys: Collection[Key]) -> dict[Key, Neighbour]:
    """Those of ``keys`` that are published."""
    query = sa.text(
        f"select e.kind, e.id, e.title, {TWIN} as twin from entity e join {KEYS} using (kind, id)"
    )
    rows = await session.execute(query, arrays(keys))
    return {Key(r.kind, r.id): Neighbour(Key(r.kind, r.id), r.title, r.twin) for r in rows}


async def bodies(session: ReadSession, keys: Collection[Key]) -> list[Body]:
    """What the records among ``keys`` are made from."""
    query = sa.text(
        f"select e.kind, e.id, version, body, links from entity e join {KEYS} using (kind, id)"
        " where body is not null"
    )
    rows = await session.execute(query, arrays(keys))
    return [Body(Key(r.kind, r.id), r.version, r.body, r.links) for r in rows]


async def etags(session: ReadSession, keys: Collection[Key]) -> dict[Key, tuple[int, str]]:
    """Version and ETag of the records that are served."""
    query = sa.text(
        "select r.part, r.id, r.version, r.etag from record r"
        f" join {KEYS} on r.part = k.kind and r.id = k.id"
    )
    rows = await session.execute(query, arrays(keys))
    return {Key(row.part, row.id): (row.version, row.etag) for row in rows}


async def remove(session: WriteSession, keys: Collection[Key]) -> None:
    """Forget entities: their documents and what they referred to."""
    for table, kind in (("entity", "kind"), ("record", "part")):
        gone = f"delete from {table} t using {KEYS} where t.{kind} = k.kind and t.id = k.id"
        await session.execute(sa.text(gone), arrays(keys))


async def clock(session: ReadSession) -> datetime:
    """The time of day, which goes on within a transaction, as that of its start does not."""
    found: datetime = (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return found


def of_type(types: Sequence[str]) -> sa.ColumnElement[bool]:
    """A condition on records: their ``type`` is one of these."""
    named = sa.literal(list(types), ARRAY(sa.Text))
    found: sa.ColumnElement[bool] = records.table.c.props["type"].astext == sa.any_(named)
    return found


def of_external_id(names: Sequence[str]) -> sa.ColumnElement[bool]:
    """A condition on records: one of their external identifiers has one of these forms."""
    listed = sa.cast(records.table.c.props["externalIds"], JSONB)
    every = [form for name in names for form in external_ids.asked(name)]
    return listed.bool_op("?|")(sa.literal(every, ARRAY(sa.Text)))


async def has_property(session: ReadSession, kind: str, name: str) -> bool:
    """Whether any record of a kind has a property of that name."""
    c = records.table.c
    some = sa.select(c.seq).where(c.part == kind, c.props.has_key(name)).limit(1)
    return (await session.execute(some)).first() is not None


async def listed(
    session: ReadSession, kind: str, after: str, limit: int
) -> list[tuple[str, str | None]]:
    """Ids and titles of records, by id."""
    c = records.table.c
    some = sa.select(c.id, c.props["title"].astext).where(c.part == kind, c.id > after)
    rows = await session.execute(some.order_by(c.id).limit(limit))
    return [(row[0], row[1]) for row in rows]


async def number_of_records(session: ReadSession) -> int:
    rows = await session.execute(sa.select(sa.func.count()).select_from(records.table))
    return int(rows.scalar_one())


async def changes(session: ReadSession, limit: int, offset: int) -> list[tuple[str, str, datetime]]:
    """Kind, id and moment of the last change of records, in a lasting order."""
    c = records.table.c
    some = sa.select(c.part, c.id, c.updated).order_by(c.part, c.id).limit(limit).offset(offset)
    return [(row[0], row[1], row[2]) for row in await session.execute(some)]
