"""The gateway's SQL: roles, sessions, logins on their way, the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession

from auth_gateway.domain.callers import Grant
from auth_gateway.domain.claims import Subject


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


@dataclass(frozen=True)
class Login:
    issuer: str
    nonce: str
    verifier: str
    next: str


async def add_login(
    session: WriteSession, state: bytes, browser: bytes, login: Login, seconds: int
) -> None:
    values = {"state": state, "browser": browser, "seconds": seconds, **vars(login)}
    await session.execute(
        sa.text(
            "insert into login (state, browser, issuer, nonce, verifier, next, expires) values"
            " (:state, :browser, :issuer, :nonce, :verifier, :next,"
            " now() + make_interval(secs => :seconds))"
        ),
        values,
    )


async def take_login(session: WriteSession, state: bytes, browser: bytes) -> Login | None:
    """Using it up and reading it are one statement: a state works once."""
    query = sa.text(
        "delete from login where state = :state and browser = :browser and expires > now()"
        " returning issuer, nonce, verifier, next"
    )
    row = (await session.execute(query, {"state": state, "browser": browser})).one_or_none()
    return Login(*row) if row else None


@dataclass(frozen=True)
class Ended:
    issuer: str
    id_token: str | None


async def add_session(
    session: WriteSession, id: bytes, subject: Subject, id_token: str, seconds: int
) -> None:
    values = {
        "id": id,
        "issuer": subject.issuer,
        "sub": subject.sub,
        "name": subject.name,
        "roles": sorted(subject.roles),
        "platform": subject.platform,
        "id_token": id_token,
        "seconds": seconds,
    }
    await session.execute(
        sa.text(
            "insert into session (id, issuer, sub, name, roles, platform, id_token, expires)"
            " values (:id, :issuer, :sub, :name, :roles, :platform, :id_token,"
            " now() + make_interval(secs => :seconds))"
        ),
        values,
    )


async def end_session(session: WriteSession, id: bytes) -> Ended | None:
    query = sa.text("delete from session where id = :id returning issuer, id_token")
    row = (await session.execute(query, {"id": id})).one_or_none()
    return Ended(*row) if row else None


async def touch_sessions(session: WriteSession, ids: Sequence[bytes]) -> None:
    query = sa.text("update session set seen = now() where id = any(:ids)")
    await session.execute(query, {"ids": list(ids)})


async def prune(session: WriteSession, idle: int) -> None:
    await session.execute(sa.text("delete from login where expires < now()"))
    query = (
        "delete from session where expires < now() or seen < now() - make_interval(secs => :idle)"
    )
    await session.execute(sa.text(query), {"idle": idle})


async def grants(session: ReadSession) -> list[dict[str, Any]]:
    query = sa.text(
        "select issuer, sub, roles, platform, granted_by, granted from role_grant"
        " order by issuer, sub"
    )
    return [dict(row._mapping) for row in await session.execute(query)]


async def put_grant(
    session: WriteSession, issuer: str, sub: str, grant: Grant, granted_by: str
) -> None:
    """An empty grant takes the row away."""
    key = {"issuer": issuer, "sub": sub}
    if not grant.roles and not grant.platform:
        statement = "delete from role_grant where issuer = :issuer and sub = :sub"
        await session.execute(sa.text(statement), key)
        return
    values = key | {"roles": sorted(grant.roles), "platform": grant.platform, "by": granted_by}
    await session.execute(
        sa.text(
            "insert into role_grant (issuer, sub, roles, platform, granted_by)"
            " values (:issuer, :sub, :roles, :platform, :by)"
            " on conflict (issuer, sub) do update set roles = excluded.roles,"
            " platform = excluded.platform, granted_by = excluded.granted_by, granted = now()"
        ),
        values,
    )
