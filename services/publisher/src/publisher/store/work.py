"""What waits for the worker, handed out under a lease."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from earthcode_common.db import WriteSession
from sqlalchemy import text


@dataclass(frozen=True)
class Job:
    submission: UUID
    revision: int
    lease: UUID
    tries: int


TO_CHECK = "state = 'checking'"
TO_PUBLISH = "(state = 'approved' or (state = 'publishing' and recorded is null))"


async def lease(session: WriteSession, which: str, seconds: int) -> Job | None:
    """The longest waiting submission (TO_CHECK or TO_PUBLISH) nobody has in hand, or None.

    Each further try waits longer, for what fails at once would fail again at once.
    """
    token = uuid4()
    query = text(
        "update submission s set lease = :lease, tries = tries + 1,"
        " leased_until = now() + make_interval(secs => :seconds) from"
        f" (select id from submission where {which}"
        " and (leased_until is null or leased_until < now())"
        " order by changed limit 1 for update skip locked) as next"
        " where s.id = next.id returning s.id, s.revision, s.tries"
    )
    row = (await session.execute(query, {"lease": token, "seconds": float(seconds)})).first()
    return Job(row.id, row.revision, token, row.tries) if row else None


async def give_back(session: WriteSession, job: Job, seconds: float) -> None:
    """Let anybody try again after ``seconds``."""
    await session.execute(
        text(
            "update submission set leased_until = now() + make_interval(secs => :seconds)"
            " where id = :id and lease = :lease"
        ),
        {"id": job.submission, "lease": job.lease, "seconds": seconds},
    )


async def holds(session: WriteSession, job: Job) -> bool:
    query = text("select 1 from submission where id = :id and lease = :lease for update")
    found = await session.execute(query, {"id": job.submission, "lease": job.lease})
    return found.first() is not None


async def save_findings(
    session: WriteSession,
    job: Job,
    findings: list[dict[str, Any]],
    bases: dict[tuple[str, str], int],
) -> None:
    """What the checks found, and which versions were current when they looked."""
    key = {"id": job.submission, "revision": job.revision}
    await session.execute(
        text(
            "update revision set findings = cast(:findings as jsonb), checked = now()"
            " where submission = :id and number = :revision"
        ),
        key | {"findings": orjson.dumps(findings).decode()},
    )
    await session.execute(
        text(
            "update member m set base = coalesce((select b.version from"
            " unnest(cast(:kinds as text[]), cast(:ids as text[]), cast(:versions as int[]))"
            " as b (kind, id, version) where b.kind = m.kind and b.id = m.id), 0)"
            " where m.submission = :id and m.revision = :revision"
        ),
        key
        | {
            "kinds": [kind for kind, _ in bases],
            "ids": [id for _, id in bases],
            "versions": list(bases.values()),
        },
    )
