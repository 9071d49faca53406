"""Which projection serves which version, and who still waits for one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from earthcode_common.db import WriteSession
from sqlalchemy import text

Confirmed = tuple[str, str, int]


async def lock_waiting(session: WriteSession, confirmed: Sequence[Confirmed]) -> list[UUID]:
    """Submissions that may have waited for these versions, locked in the order of their ids."""
    query = text(
        "select s.id from submission s where s.state in ('publishing', 'publish_failed')"
        " and s.recorded is not null and exists (select from member m"
        " join unnest(cast(:kinds as text[]), cast(:ids as text[])) as k (kind, id)"
        " on m.kind = k.kind and m.id = k.id"
        " where m.submission = s.id and m.revision = s.revision)"
        " order by s.id for update"
    )
    return list((await session.execute(query, _columns(confirmed))).scalars())


async def confirm(session: WriteSession, confirmed: Sequence[Confirmed]) -> None:
    """A projection never goes back, so the highest version it told of is what it serves."""
    await session.execute(
        text(
            "update entity e set confirmed = least(k.version, e.current) from"
            " (select kind, id, max(version) as version from unnest(cast(:kinds as text[]),"
            " cast(:ids as text[]), cast(:versions as int[])) as u (kind, id, version)"
            " group by kind, id) as k"
            " where e.kind = k.kind and e.id = k.id and e.confirmed < k.version"
        ),
        _columns(confirmed),
    )


async def unconfirmed(session: WriteSession, submission: UUID) -> int:
    """How many members of the submission wait for their projection."""
    query = text(
        "select count(*) from submission s join member m on m.submission = s.id"
        " and m.revision = s.revision join entity e on e.kind = m.kind and e.id = m.id"
        " where s.id = :id and e.confirmed < m.version"
    )
    return int((await session.execute(query, {"id": submission})).scalar_one())


async def to_tell_again(session: WriteSession, after_seconds: float, limit: int) -> list[Any]:
    """Current versions nobody confirmed for a while (longer each time); counted as told now.

    Nothing while the relay itself is behind: repeating would only lengthen its queue.
    """
    query = text(
        "update entity e set told = now(), tells = e.tells + 1 from ("
        "  select kind, id from entity where confirmed < current"
        "   and told < now() - make_interval(secs => :seconds * power(2, least(tells - 1, 8)))"
        "   and not exists (select from outbox where sent is null"
        "                    and created < now() - make_interval(secs => :seconds))"
        "   order by told limit :limit) as late, entity_version v"
        " where e.kind = late.kind and e.id = late.id"
        " and v.kind = e.kind and v.id = e.id and v.version = e.current"
        " returning v.kind, v.id, v.version, v.digest, v.title, v.owner, v.submission"
    )
    values = {"seconds": float(after_seconds), "limit": limit}
    return list((await session.execute(query, values)).all())


async def tell_now(session: WriteSession, submission: UUID) -> list[Any]:
    """The current versions of the submission's members that wait."""
    query = text(
        "update entity e set told = now(), tells = 1 from submission s, member m, entity_version v"
        " where s.id = :id and m.submission = s.id and m.revision = s.revision"
        " and e.kind = m.kind and e.id = m.id and e.confirmed < m.version"
        " and v.kind = e.kind and v.id = e.id and v.version = e.current"
        " returning v.kind, v.id, v.version, v.digest, v.title, v.owner, v.submission"
    )
    return list((await session.execute(query, {"id": submission})).all())


async def overdue(session: WriteSession, hours: float) -> list[UUID]:
    query = text(
        "select id from submission where state = 'publishing' and recorded is not null"
        " and changed < now() - make_interval(secs => :seconds)"
        " order by id for update skip locked limit 100"
    )
    return list((await session.execute(query, {"seconds": hours * 3600.0})).scalars())


async def idle(session: WriteSession, days: int) -> list[UUID]:
    query = text(
        "select id from submission where state in ('draft', 'changes_requested')"
        " and changed < now() - make_interval(days => :days)"
        " order by id for update skip locked limit 100"
    )
    return list((await session.execute(query, {"days": days})).scalars())


async def forget_attachments(session: WriteSession) -> None:
    """Contents that no member and no version names any more."""
    await session.execute(
        text(
            "delete from attachment a where used < now() - interval '1 day' and not exists"
            " (select from member m where m.attachments @> jsonb_build_array("
            "   jsonb_build_object('digest', a.digest))) and not exists"
            " (select from entity_version v where v.attachments @> jsonb_build_array("
            "   jsonb_build_object('digest', a.digest)))"
        )
    )


def _columns(confirmed: Sequence[Confirmed]) -> dict[str, Any]:
    return {
        "kinds": [kind for kind, _, _ in confirmed],
        "ids": [id for _, id, _ in confirmed],
        "versions": [version for _, _, version in confirmed],
    }
