"""What anyone may read: published documents, their versions, attachments and relations."""

from collections.abc import Sequence
from typing import Any

from earthcode_common.db import ReadSession
from sqlalchemy import text

_VERSION = (
    "select v.kind, v.id, v.version, v.title, v.document, v.digest, v.attachments, v.owner,"
    " v.submission, v.published, v.findings, e.current from entity e"
    " join entity_version v on v.kind = e.kind and v.id = e.id"
)


async def version(session: ReadSession, kind: str, id: str, number: int | None) -> Any:
    """One version of an entity; ``number`` None means the current one."""
    query = text(
        f"{_VERSION} and v.version = coalesce(cast(:number as int), e.current)"
        " where e.kind = :kind and e.id = :id"
    )
    return (await session.execute(query, {"kind": kind, "id": id, "number": number})).first()


async def versions(session: ReadSession, kind: str, id: str) -> list[Any]:
    query = text(
        "select version, title, digest, owner, submission, source, published, attachments"
        " from entity_version where kind = :kind and id = :id order by version"
    )
    return list((await session.execute(query, {"kind": kind, "id": id})).all())


async def page(session: ReadSession, kind: str | None, after: int, limit: int) -> list[Any]:
    """Current versions in the order of the ledger."""
    query = text(
        "select v.kind, v.id, v.version, v.digest, v.owner, v.title, v.sequence"
        " from entity e join entity_version v on v.kind = e.kind and v.id = e.id"
        " and v.version = e.current where e.sequence > :after"
        " and (cast(:kind as text) is null or e.kind = :kind) order by e.sequence limit :limit"
    )
    return list(
        (await session.execute(query, {"kind": kind, "after": after, "limit": limit})).all()
    )


async def documents(
    session: ReadSession, wanted: Sequence[tuple[str, str, int | None]], most: int
) -> list[Any]:
    """Row ``position`` of the answer is for that entry of ``wanted``; missing ones are left out.

    A row has no document when the texts up to it are longer than ``most`` bytes.
    """
    query = text(
        "select k.position, v.kind, v.id, v.version, v.digest, v.owner,"
        " case when sum(octet_length(v.document)) over (order by k.position) <= :most"
        " then v.document end as document"
        " from unnest(cast(:kinds as text[]), cast(:ids as text[]), cast(:versions as int[]))"
        " with ordinality as k (kind, id, version, position)"
        " join entity e on e.kind = k.kind and e.id = k.id"
        " join entity_version v on v.kind = e.kind and v.id = e.id"
        " and v.version = coalesce(k.version, e.current) order by k.position"
    )
    values = {
        "kinds": [kind for kind, _, _ in wanted],
        "ids": [id for _, id, _ in wanted],
        "versions": [number for _, _, number in wanted],
        "most": most,
    }
    return list((await session.execute(query, values)).all())


async def dangling(session: ReadSession, kind: str, id: str) -> list[Any]:
    """References of the current version that lead nowhere at this moment."""
    query = text(
        "select x.rel, x.pointer, x.target_kind, x.target_id from edge x where x.kind = :kind"
        " and x.id = :id and not exists (select from entity t"
        " where t.kind = x.target_kind and t.id = x.target_id) order by x.pointer"
    )
    return list((await session.execute(query, {"kind": kind, "id": id})).all())


async def edges(session: ReadSession, nodes: Sequence[tuple[str, str]], limit: int) -> list[Any]:
    """Edges out of and into these entities."""
    query = text(
        "with n as (select * from unnest(cast(:kinds as text[]), cast(:ids as text[]))"
        " as n (kind, id))"
        " select x.kind, x.id, x.rel, x.target_kind, x.target_id from edge x"
        " where (x.kind, x.id) in (select kind, id from n)"
        " or (x.target_kind, x.target_id) in (select kind, id from n)"
        " order by x.kind, x.id, x.pointer limit :limit"
    )
    values = {"kinds": [k for k, _ in nodes], "ids": [i for _, i in nodes], "limit": limit}
    return list((await session.execute(query, values)).all())


async def titles(session: ReadSession, nodes: Sequence[tuple[str, str]]) -> list[Any]:
    query = text(
        "select v.kind, v.id, v.version, v.title"
        " from unnest(cast(:kinds as text[]), cast(:ids as text[])) as k (kind, id)"
        " join entity e on e.kind = k.kind and e.id = k.id"
        " join entity_version v on v.kind = e.kind and v.id = e.id and v.version = e.current"
    )
    values = {"kinds": [k for k, _ in nodes], "ids": [i for _, i in nodes]}
    return list((await session.execute(query, values)).all())


async def vocabulary(session: ReadSession, kind: str) -> list[Any]:
    query = text(
        "select v.id, v.title from entity e join entity_version v on v.kind = e.kind"
        " and v.id = e.id and v.version = e.current where e.kind = :kind order by v.id"
    )
    return list((await session.execute(query, {"kind": kind})).all())


async def attachment(session: ReadSession, digest: str) -> bytes | None:
    query = text("select content from attachment where digest = :digest")
    return (await session.execute(query, {"digest": digest})).scalar()
