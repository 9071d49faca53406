"""The gateway's SQL: roles, sessions, logins on their way, the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession

from auth_gateway.domain.callers import Grant


@dataclass(frozen=True)
class Session:
    issuer: str
    sub: str
    name: str
    roles: list[str]
    platform: str | None
    grant: Grant
    expires: datetime


async def grant_of(session: ReadSession, issuer: str, sub: str) -> Grant:
    query = sa.text("select roles, platform from role_grant where issuer = :issuer and sub = :sub")
    row = (await session.execute(query, {"issuer": issuer, "sub": sub})).one_or_none()
    return Grant(frozenset(row.roles), row.platform) if row else Grant()


async def session_of(session: ReadSession, id: bytes, idle: int) -> Session | None:
    """The live session of a hashed id, with what the role table adds."""
    query = sa.text(
        "select s.issuer, s.sub, s.name, s.roles, s.platform, s.expires,"
        " g.roles as granted, g.platform as granted_platform"
        " from session s left join role_grant g using (issuer, sub)"
        " where s.id = :id and s.expires > now() and s.seen > now() - make_interval(secs => :idle)"
    )
    row = (await session.execute(query, {"id": id, "idle": idle})).one_or_none()
    if row is None:
        return None
    grant = Grant(frozenset(row.granted or ()), row.granted_platform)
    return Session(row.issuer, row.sub, row.name, row.roles, row.platform, grant, row.expires)


async def add_audit(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    columns = list(rows[0])
    names = ", ".join(columns)
    values = ", ".join(f":{column}" for column in columns)
    await session.execute(sa.text(f"insert into audit ({names}) values ({values})"), list(rows))


async def audit_after(session: ReadSession, after: int, limit: int) -> list[dict[str, Any]]:
    query = sa.text("select * from audit where id > :after order by id limit :limit")
    rows = await session.execute(query, {"after": after, "limit": limit})
    return [dict(row._mapping) for row in rows]
