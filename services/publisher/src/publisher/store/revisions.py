"""Revisions of submissions: their members, with documents as submitted, and attachments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from earthcode_common.db import ReadSession, WriteSession
from sqlalchemy import text

from publisher.domain.members import Attachment, Entry
from publisher.store.submissions import Submission


async def write(
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


async def members(session: ReadSession, id: UUID, revision: int) -> list[Any]:
    """kind, id, title, document, digest, attachments, base, version; in their order."""
    query = text(
        "select kind, id, title, document, digest, attachments, base, version from member"
        " where submission = :id and revision = :revision order by position"
    )
    return list((await session.execute(query, {"id": id, "revision": revision})).all())


async def member(
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
