"""The ledger: every version of every entity that was ever published.

Its writers take one lock for the rest of their transaction. So sequences are in commit order, a
reader that walks the ledger by sequence misses nothing, and writers cannot deadlock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy import text

from publisher.domain.references import Reference

LOCK = 4_027_000_101
Key = tuple[str, str]


@dataclass(frozen=True)
class Current:
    version: int
    digest: str
    attachments: list[dict[str, Any]]


@dataclass(frozen=True)
class Version:
    """A version to append."""

    kind: str
    id: str
    version: int
    title: str
    document: str
    digest: str
    attachments: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    references: list[Reference]
    owner: str
    submission: UUID | None
    source: str | None


async def lock(session: WriteSession) -> None:
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})


async def current(session: ReadSession, keys: Iterable[Key]) -> dict[Key, Current]:
    query = text(
        "select v.kind, v.id, v.version, v.digest, v.attachments"
        " from unnest(cast(:kinds as text[]), cast(:ids as text[])) as k (kind, id)"
        " join entity e on e.kind = k.kind and e.id = k.id"
        " join entity_version v on v.kind = e.kind and v.id = e.id and v.version = e.current"
    )
    rows = await session.execute(query, _keys(keys))
    return {(r.kind, r.id): Current(r.version, r.digest, r.attachments) for r in rows}


async def holders(session: ReadSession, keys: Iterable[Key]) -> dict[Key, Any]:
    """Whose the current versions are: version, digest, owner, name, platform, source."""
    query = text(
        "select v.kind, v.id, v.version, v.digest, v.attachments, v.owner, v.source,"
        " coalesce(s.owner_name, '') as name, s.owner_platform as platform"
        " from unnest(cast(:kinds as text[]), cast(:ids as text[])) as k (kind, id)"
        " join entity e on e.kind = k.kind and e.id = k.id"
        " join entity_version v on v.kind = e.kind and v.id = e.id and v.version = e.current"
        " left join submission s on s.id = v.submission"
    )
    return {(r.kind, r.id): r for r in await session.execute(query, _keys(keys))}


async def existing(session: ReadSession, keys: Iterable[Key]) -> set[Key]:
    query = text(
        "select e.kind, e.id from unnest(cast(:kinds as text[]), cast(:ids as text[]))"
        " as k (kind, id) join entity e on e.kind = k.kind and e.id = k.id"
    )
    return {(r.kind, r.id) for r in await session.execute(query, _keys(keys))}


async def append(session: WriteSession, versions: Sequence[Version]) -> None:
    """Write versions, make them current, and replace the edges of their entities."""
    await session.execute(text(_APPEND), _columns(versions))
    await session.execute(text(_EDGES_AWAY), _keys((v.kind, v.id) for v in versions))
    await session.execute(text(_EDGES), _edges(versions))


_APPEND = """
with added as (
    insert into entity_version (kind, id, version, title, document, digest, attachments, findings,
                                owner, submission, source)
    select v.kind, v.id, v.version, v.title, v.document, v.digest, v.attachments, v.findings,
           v.owner, v.submission, v.source
      from unnest(cast(:kinds as text[]), cast(:ids as text[]), cast(:versions as int[]),
                  cast(:titles as text[]), cast(:documents as text[]), cast(:digests as text[]),
                  cast(:attachments as jsonb[]), cast(:findings as jsonb[]),
                  cast(:owners as text[]), cast(:submissions as uuid[]), cast(:sources as text[]))
           with ordinality as v (kind, id, version, title, document, digest, attachments, findings,
                                 owner, submission, source, position)
     order by v.position
    returning kind, id, version, sequence
)
insert into entity (kind, id, current, sequence) select kind, id, version, sequence from added
on conflict (kind, id) do update
   set current = excluded.current, sequence = excluded.sequence, told = now(), tells = 1
"""
_EDGES_AWAY = """
delete from edge using unnest(cast(:kinds as text[]), cast(:ids as text[])) as k (kind, id)
 where edge.kind = k.kind and edge.id = k.id
"""
_EDGES = """
insert into edge (kind, id, rel, pointer, target_kind, target_id)
select * from unnest(cast(:kinds as text[]), cast(:ids as text[]), cast(:rels as text[]),
    cast(:pointers as text[]), cast(:target_kinds as text[]), cast(:target_ids as text[]))
"""


def _columns(versions: Sequence[Version]) -> dict[str, Any]:
    return _keys((v.kind, v.id) for v in versions) | {
        "versions": [v.version for v in versions],
        "titles": [v.title for v in versions],
        "documents": [v.document for v in versions],
        "digests": [v.digest for v in versions],
        "attachments": [orjson.dumps(v.attachments).decode() for v in versions],
        "findings": [orjson.dumps(v.findings).decode() for v in versions],
        "owners": [v.owner for v in versions],
        "submissions": [v.submission for v in versions],
        "sources": [v.source for v in versions],
    }


def _edges(versions: Sequence[Version]) -> dict[str, Any]:
    pairs = [(v, reference) for v in versions for reference in v.references if reference.usable]
    return _keys((v.kind, v.id) for v, _ in pairs) | {
        "rels": [r.rel for _, r in pairs],
        "pointers": [r.pointer for _, r in pairs],
        "target_kinds": [r.kind for _, r in pairs],
        "target_ids": [r.id for _, r in pairs],
    }


def _keys(keys: Iterable[Key]) -> dict[str, Any]:
    pairs = list(keys)
    return {"kinds": [kind for kind, _ in pairs], "ids": [id for _, id in pairs]}
