"""The SQL of the catalogue: entities and the edges between them, entries and Items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.projected import KEYS, TWIN, arrays

from catalog_api.domain.entities import Entity
from catalog_api.domain.links import Neighbour
from catalog_api.shelves import Shelf

entries = Shelf("entry", "product")  # part: kind; what is served of entities
items = Shelf("item")  # part: id of the product

entity = sa.table(
    "entity",
    *map(sa.column, ("kind", "id", "version", "digest", "owner", "title", "body", "links")),
    sa.column("projected", sa.DateTime(timezone=True)),
)
edge = sa.table("edge", *map(sa.column, ("kind", "id", "to_kind", "to_id")))

PROJECTION_LOCK = 4_027_000_101


class Body(NamedTuple):
    key: Key
    version: int
    body: str
    links: str
    twin: bool


class Held(NamedTuple):
    version: int
    etag: str
    doc: str


async def lock_projection(session: WriteSession) -> None:
    """One projection at a time: two that cannot see each other would each miss a link."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(PROJECTION_LOCK)))


async def save(session: WriteSession, entities: Sequence[Entity]) -> None:
    """Replace these entities and what they refer to."""
    columns = ("kind", "id", "version", "digest", "owner", "title", "body", "links")
    changed = ", ".join(f"{c} = excluded.{c}" for c in columns[2:])
    values = ", ".join(f":{c}" for c in columns)
    statement = sa.text(
        f"insert into entity ({', '.join(columns)}) values ({values})"
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
    return {
        "kind": one.key.kind,
        "id": one.key.id,
        "version": one.version,
        "digest": one.digest,
        "owner": one.owner,
        "title": one.title,
        "body": one.body,
        "links": one.links,
    }


async def around(session: ReadSession, keys: Collection[Key]) -> set[Key]:
    """The entities that are linked with one of ``keys``, in either direction."""
    query = sa.text(
        f"select to_kind as kind, to_id as id from edge join {KEYS} using (kind, id)"
        f" union select edge.kind, edge.id from edge join {KEYS}"
        " on edge.to_kind = k.kind and edge.to_id = k.id"
    )
    return {Key(*row) for row in await session.execute(query, arrays(keys))}


async def neighbours(session: ReadSession, keys: Collection[Key]) -> dict[Key, list[Neighbour]]:
    """Of each key the published entities it is linked with, in either direction."""
    query = sa.text(f"""
        with pair as (
            select k.kind, k.id, to_kind, to_id from edge join {KEYS} using (kind, id)
            union
            select k.kind, k.id, edge.kind, edge.id from edge join {KEYS}
              on edge.to_kind = k.kind and edge.to_id = k.id)
        select pair.kind, pair.id, e.kind as to_kind, e.id as to_id, e.title,
               {TWIN} as twin
        from pair join entity e on e.kind = pair.to_kind and e.id = pair.to_id""")
    found: dict[Key, list[Neighbour]] = {}
    for row in await session.execute(query, arrays(keys)):
        neighbour = Neighbour(Key(row.to_kind, row.to_id), row.title, row.twin)
        found.setdefault(Key(row.kind, row.id), []).append(neighbour)
    return found


async def bodies(session: ReadSession, keys: Collection[Key]) -> list[Body]:
    """What the documents of those ``keys`` that are served here are made from."""
    query = sa.text(
        f"select e.kind, e.id, version, body, links, {TWIN} as twin"
        f" from entity e join {KEYS} using (kind, id) where body is not null"
    )
    rows = await session.execute(query, arrays(keys))
    return [Body(Key(r.kind, r.id), r.version, r.body, r.links, r.twin) for r in rows]


async def set_texts(
    session: WriteSession, texts: Mapping[Key, tuple[str, str]], now: datetime
) -> None:
    """Replace only the text (and its ETag) of entries; nothing happens where it is the same."""
    statement = sa.text("""
        with given as (
            select * from unnest(
                cast(:kinds as text[]), cast(:ids as text[]),
                cast(:docs as text[]), cast(:etags as text[])) as g(kind, id, doc, etag)),
        changed as (
            update entry set etag = given.etag, updated = :now from given
            where entry.part = given.kind and entry.id = given.id and entry.etag <> given.etag
            returning entry.seq, given.doc)
        update entry_doc set doc = changed.doc from changed where entry_doc.seq = changed.seq""")
    docs, etags = zip(*texts.values(), strict=True)
    await session.execute(
        statement, arrays(texts) | {"docs": list(docs), "etags": list(etags), "now": now}
    )


async def remove(session: WriteSession, keys: Collection[Key]) -> None:
    """Forget entities: their documents and what they referred to."""
    for table, kind in (("entity", "kind"), ("entry", "part")):
        gone = f"delete from {table} t using {KEYS} where t.{kind} = k.kind and t.id = k.id"
        await session.execute(sa.text(gone), arrays(keys))


async def titles(session: ReadSession, kind: str) -> list[Neighbour]:
    """All served entities of a kind, in the order of their titles."""
    query = sa.text(
        f"select id, title, {TWIN} as twin from entity e where kind = :kind order by title, id"
    )
    rows = await session.execute(query, {"kind": kind})
    return [Neighbour(Key(kind, row.id), row.title, row.twin) for row in rows]


async def owner(session: ReadSession, kind: str, id: str) -> str | None:
    """Who published it; None when it is not there."""
    query = sa.select(entity.c.owner).where(entity.c.kind == kind, entity.c.id == id)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_items(session: WriteSession, product: str) -> None:
    """Nobody else writes Items of the product until the transaction ends."""
    key = sa.func.hashtextextended(product, PROJECTION_LOCK)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def lock_item(session: WriteSession, product: str, id: str) -> Held | None:
    """The Item as it stays until the transaction ends; other Items may be changed meanwhile."""
    key = sa.func.hashtextextended(product, PROJECTION_LOCK)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(key)))
    c = items.table.c
    held = sa.select(c.seq, c.version, c.etag).where(c.part == product, c.id == id)
    row = (await session.execute(held.with_for_update())).one_or_none()
    if row is None:
        return None
    # In a statement of its own, which sees what the one before may have waited for.
    query = sa.text("select doc from item_doc where seq = :seq")
    doc = (await session.execute(query, {"seq": row.seq})).scalar_one()
    return Held(row.version, row.etag, doc)


async def item_versions(
    session: ReadSession, product: str, ids: Sequence[str]
) -> dict[str, tuple[int, str]]:
    """Version and ETag of those Items that are there."""
    c = items.table.c
    query = sa.select(c.id, c.version, c.etag).where(
        c.part == product, c.id == sa.func.any(list(ids))
    )
    return {row.id: (row.version, row.etag) for row in await session.execute(query)}


async def share_items(session: WriteSession, products: Sequence[str]) -> None:
    """Whoever locks all Items of one of the products waits until the transaction ends."""
    keys = "hashtextextended(product, $2) from unnest($1::text[]) as product order by product"
    await session.fetch(
        f"select pg_advisory_xact_lock_shared(key) from (select {keys}) as k(key)",
        (sorted(products), PROJECTION_LOCK),
    )


async def products(session: ReadSession, ids: Sequence[str]) -> set[str]:
    """Those of ``ids`` that are products here."""
    rows = await session.fetch(
        "select id from entity where kind = 'product' and id = any($1)", (ids,)
    )
    return {row["id"] for row in rows}


async def versions_of_items(
    session: WriteSession, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, str]]:
    """Version and ETag by (product, id) of those that are there; they stay until the end."""
    # A plan made while the table was empty would read all of it, again and again.
    await session.fetch("select set_config('plan_cache_mode', 'force_custom_plan', true)")
    rows = await session.fetch(
        "select part, id, version, etag from item"
        " join unnest($1::text[], $2::text[]) as k(part, id) using (part, id)"
        " order by part, id for update of item",
        tuple(map(list, zip(*keys, strict=True))) or ([], []),
    )
    return {(row["part"], row["id"]): (row["version"], row["etag"]) for row in rows}


async def refers(session: ReadSession, id: str, target: Key) -> bool:
    """Whether the product refers to ``target``."""
    here = sa.select(1).where(edge.c.kind == "product", edge.c.id == id)
    found = here.where(edge.c.to_kind == target.kind, edge.c.to_id == target.id).limit(1)
    return (await session.execute(found)).scalar_one_or_none() is not None


async def products_below(session: ReadSession, kind: str, id: str | None) -> list[str]:
    """Ids of the products that refer to that entity, or to any of its kind."""
    there = sa.exists().where(entity.c.kind == edge.c.to_kind, entity.c.id == edge.c.to_id)
    found = sa.select(edge.c.id).where(edge.c.kind == "product", edge.c.to_kind == kind, there)
    if id is not None:
        found = found.where(edge.c.to_id == id)
    return list((await session.execute(found.distinct().order_by(edge.c.id))).scalars())


async def item_ids(
    session: ReadSession, product: str, limit: int, start: str = "", end: str | None = None
) -> list[str]:
    """Ids of Items in their order, from ``start`` on and before ``end``."""
    c = items.table.c
    found = sa.select(c.id).where(c.part == product, c.id >= start)
    if end is not None:
        found = found.where(c.id < end)
    return list((await session.execute(found.order_by(c.id).limit(limit))).scalars())


async def item_groups(session: ReadSession, product: str, size: int) -> list[str]:
    """The first id of each group of ``size`` Items, in the order of their ids."""
    c = items.table.c
    place = sa.func.row_number().over(order_by=c.id).label("place")
    numbered = sa.select(c.id, place).where(c.part == product).subquery()
    firsts = sa.select(numbered.c.id).where(numbered.c.place % size == 1).order_by(numbered.c.id)
    return list((await session.execute(firsts)).scalars())


def linked_with(target: Key) -> sa.ColumnElement[bool]:
    """A condition on entries: they refer to ``target``."""
    c = entries.table.c
    refers = (
        sa.select(1)
        .select_from(edge)
        .where(
            edge.c.kind == c.part,
            edge.c.id == c.id,
            edge.c.to_kind == target.kind,
            edge.c.to_id == target.id,
        )
    )
    return sa.exists(refers)
