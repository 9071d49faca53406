"""Submissions, their revisions and members, and the log of their transitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy import text

from publisher.domain.members import Attachment, Entry

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


_ROW = """
select s.id, s.title, s.state, s.owner_sub, s.owner_name, s.owner_platform, s.revision, s.etag,
       s.submitted_by, s.approved, s.recorded is not null as recorded, s.tries,
       r.digest, r.frozen is not null as frozen,
       t.action as last_action, t.revision as last_revision
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


async def write_revision(
    session: WriteSession, id: UUID, number: int, digest: str, members: Sequence[Entry]
) -> None:
    """Make ``number`` the current revision; an unfrozen one of that number is replaced."""
    key = {"id": id, "number": number}
    await session.execute(
        text("delete from revision where submission = :id and number = :number"), key
    )
    await session.execute(
        text("insert into revision (submission, number, digest) values (:id, :number, :digest)"),
        key | {"digest": digest},
    )
    await session.execute(
        text(
            "insert into member (submission, revision, position, kind, id, title, document, digest,"
            " attachments) select :id, :number, m.* from unnest(cast(:positions as int[]),"
            " cast(:kinds as text[]), cast(:ids as text[]), cast(:titles as text[]),"
            " cast(:documents as text[]), cast(:digests as text[]), cast(:attachments as jsonb[]))"
            " as m"
        ),
        key | _columns(members),
    )
    await keep_attachments(session, [file for member in members for file in member.files])


def _columns(members: Sequence[Entry]) -> dict[str, Any]:
    return {
        "positions": list(range(len(members))),
        "kinds": [m.kind for m in members],
        "ids": [m.id for m in members],
        "titles": [m.title for m in members],
        "documents": [m.document.text for m in members],
        "digests": [m.digest for m in members],
        "attachments": [orjson.dumps(m.attachments).decode() for m in members],
    }


async def keep_attachments(session: WriteSession, files: Sequence[Attachment]) -> None:
    contents = {file.digest: file.content for file in files}
    for digest in sorted(contents):
        await session.execute(
            text(
                "insert into attachment (digest, content) values (:digest, :content)"
                " on conflict (digest) do update set used = now()"
            ),
            {"digest": digest, "content": contents[digest]},
        )


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


async def freeze(session: WriteSession, at: Submission, submitter: str) -> None:
    key = {"id": at.id, "number": at.revision}
    await session.execute(
        text(
            "update revision set frozen = coalesce(frozen, now())"
            " where submission = :id and number = :number"
        ),
        key,
    )
    await session.execute(
        text("update submission set submitted_by = :sub, approved = null where id = :id"),
        {"id": at.id, "sub": submitter},
    )


async def approve(session: WriteSession, at: Submission) -> None:
    await session.execute(
        text("update submission set approved = :digest where id = :id"),
        {"id": at.id, "digest": at.digest},
    )


async def members(session: ReadSession, id: UUID, revision: int) -> list[Any]:
    """kind, id, title, document, digest, attachments, base, version; in their order."""
    query = text(
        "select kind, id, title, document, digest, attachments, base, version from member"
        " where submission = :id and revision = :revision order by position"
    )
    return list((await session.execute(query, {"id": id, "revision": revision})).all())


async def member_document(
    session: ReadSession, at: Submission, revision: int | None, kind: str, id: str
) -> Any:
    """The member in that revision (number), or in the current one."""
    query = text(
        "select kind, document, digest, attachments from member"
        " where submission = :submission and revision = :revision and kind = :kind and id = :id"
    )
    key = {"submission": at.id, "revision": revision or at.revision, "kind": kind, "id": id}
    return (await session.execute(query, key)).first()


async def set_versions(
    session: WriteSession, at: Submission, versions: dict[tuple[str, str], int]
) -> None:
    """The members' versions are in the ledger from now on."""
    await session.execute(
        text(
            "update member m set version = v.version from unnest(cast(:kinds as text[]),"
            " cast(:ids as text[]), cast(:versions as int[])) as v (kind, id, version)"
            " where m.submission = :id and m.revision = :revision"
            " and m.kind = v.kind and m.id = v.id"
        ),
        {
            "id": at.id,
            "revision": at.revision,
            "kinds": [kind for kind, _ in versions],
            "ids": [id for _, id in versions],
            "versions": list(versions.values()),
        },
    )
    await session.execute(
        text("update submission set recorded = now() where id = :id"), {"id": at.id}
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
