"""Submissions, their revisions and members, and the log of their transitions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy import text

CHANNEL = "work"


@dataclass(frozen=True)
class Submission:
    """The row of a submission, with the digest of its current revision."""

    id: UUID
    title: str
    state: str
    owner_sub: str
    owner_name: str
    owner_platform: str | None
    revision: int
    etag: int
    submitted_by: str | None
    approved: str | None
    recorded: bool
    tries: int
    digest: str
    frozen: bool
    last_action: str
    last_revision: str
    overtaken: str | None  # a member whose entity changed after the checks


_ROW = """
select s.id, s.title, s.state, s.owner_sub, s.owner_name, s.owner_platform, s.revision, s.etag,
       s.submitted_by, s.approved, s.recorded is not null as recorded, s.tries,
       r.digest, r.frozen is not null as frozen,
       t.action as last_action, t.revision as last_revision,
       (select m.kind || ' ' || m.id from member m
          left join entity e on e.kind = m.kind and e.id = m.id
         where m.submission = s.id and m.revision = s.revision and s.state = 'in_review'
           and coalesce(e.current, 0) <> m.base order by m.position limit 1) as overtaken
  from submission s
  join revision r on r.submission = s.id and r.number = s.revision
  cross join lateral (select action, revision from transition
                       where submission = s.id order by number desc limit 1) t
"""


async def insert(session: WriteSession, id: UUID, title: str, owner: dict[str, Any]) -> None:
    await session.execute(
        text(
            "insert into submission (id, title, state, owner_sub, owner_name, owner_platform)"
            " values (:id, :title, 'draft', :sub, :name, :platform)"
        ),
        {"id": id, "title": title} | owner,
    )


async def lock(session: WriteSession, id: UUID) -> Submission | None:
    """The submission, which nobody else changes until this transaction ends."""
    query = text("select 1 from submission where id = :id for update")
    if (await session.execute(query, {"id": id})).first() is None:
        return None
    return await row(session, id)


async def row(session: ReadSession, id: UUID) -> Submission | None:
    found = (await session.execute(text(_ROW + " where s.id = :id"), {"id": id})).first()
    return Submission(**found._mapping) if found else None


async def edit(session: WriteSession, id: UUID, title: str, revision: int) -> None:
    await session.execute(
        text(
            "update submission set title = :title, revision = :revision, etag = etag + 1,"
            " changed = now() where id = :id"
        ),
        {"id": id, "title": title, "revision": revision},
    )


async def empty(session: WriteSession, id: UUID) -> None:
    """Forget what a draft held; the row and its log stay."""
    await session.execute(text("delete from member where submission = :id"), {"id": id})


async def move(session: WriteSession, at: Submission, entry: dict[str, Any]) -> None:
    """Append a transition (action, state, actor, actor_name, comment) and go there."""
    values = entry | {"id": at.id, "origin": at.state, "digest": at.digest}
    await session.execute(
        text(
            "update submission set state = :state, etag = etag + 1, changed = now(),"
            " lease = null, leased_until = null, tries = 0 where id = :id"
        ),
        {"id": at.id, "state": entry["state"]},
    )
    await session.execute(
        text(
            "insert into transition"
            " (submission, action, origin, state, actor, actor_name, revision, comment)"
            " values (:id, :action, :origin, :state, :actor, :actor_name, :digest, :comment)"
        ),
        values,
    )
    await session.execute(text(f"notify {CHANNEL}"))


async def approve(session: WriteSession, at: Submission) -> None:
    await session.execute(
        text("update submission set approved = :digest where id = :id"),
        {"id": at.id, "digest": at.digest},
    )


async def comment(session: WriteSession, at: Submission, entry: dict[str, Any]) -> None:
    await session.execute(
        text(
            "insert into comment (submission, actor, actor_name, revision, kind, id, pointer, text)"
            " values (:submission, :actor, :actor_name, :revision, :kind, :id, :pointer, :text)"
        ),
        entry | {"submission": at.id, "revision": at.digest},
    )
    await touch(session, at.id)


async def touch(session: WriteSession, id: UUID) -> None:
    """Its representation changed, its state did not."""
    await session.execute(text("update submission set etag = etag + 1 where id = :id"), {"id": id})


async def created(session: WriteSession, id: UUID, sub: str, name: str, digest: str) -> None:
    """The first line of the log."""
    await session.execute(
        text(
            "insert into transition"
            " (submission, action, origin, state, actor, actor_name, revision)"
            " values (:id, 'create', '', 'draft', :sub, :name, :digest)"
        ),
        {"id": id, "sub": sub, "name": name, "digest": digest},
    )
