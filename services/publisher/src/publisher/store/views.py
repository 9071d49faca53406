"""What people read of submissions: each view is one statement, so it is one moment."""

from typing import Any
from uuid import UUID

from earthcode_common.db import ReadSession
from sqlalchemy import text

_VIEW = """
select s.id, s.title, s.state, s.etag, s.created, s.changed, s.owner_sub, s.owner_name,
       s.owner_platform, s.submitted_by, s.recorded is not null as recorded, s.revision as number,
       r.digest, r.checked, r.findings,
  coalesce((select jsonb_agg(jsonb_build_object('kind', m.kind, 'id', m.id, 'title', m.title,
       'digest', m.digest, 'version', m.version, 'attachments', m.attachments) order by m.position)
     from member m where m.submission = s.id and m.revision = s.revision), '[]') as members,
  coalesce((select jsonb_agg(jsonb_build_object('action', t.action, 'from', t.origin,
       'to', t.state, 'actor', t.actor, 'name', t.actor_name, 'revision', t.revision,
       'comment', t.comment, 'at', t.at) order by t.number)
     from transition t where t.submission = s.id), '[]') as history,
  coalesce((select jsonb_agg(jsonb_build_object('actor', c.actor, 'name', c.actor_name,
       'revision', c.revision, 'kind', c.kind, 'id', c.id, 'pointer', c.pointer,
       'text', c.text, 'at', c.at) order by c.number)
     from comment c where c.submission = s.id), '[]') as comments,
  coalesce((select jsonb_agg(jsonb_build_object('number', v.number, 'revision', v.digest,
       'created', v.created, 'submitted', v.frozen) order by v.number)
     from revision v where v.submission = s.id), '[]') as revisions,
  coalesce((select jsonb_agg(jsonb_build_object('kind', m.kind, 'id', m.id,
       'version', m.version, 'told', e.tells) order by m.position)
     from member m join entity e on e.kind = m.kind and e.id = m.id
    where m.submission = s.id and m.revision = s.revision and e.confirmed < m.version
      and s.state in ('publishing', 'publish_failed')), '[]') as waiting
  from submission s join revision r on r.submission = s.id and r.number = s.revision
 where s.id = :id
"""


async def view(session: ReadSession, id: UUID) -> dict[str, Any] | None:
    found = (await session.execute(text(_VIEW), {"id": id})).first()
    return dict(found._mapping) if found else None


async def page(
    session: ReadSession,
    *,
    owner: str | None,
    platform: str | None,
    state: str | None,
    after: UUID | None,
    limit: int,
) -> list[Any]:
    """Newest first; ``owner`` None means everybody's."""
    query = text(
        "select s.id, s.title, s.state, s.owner_sub, s.owner_name, s.owner_platform, s.created,"
        " s.changed, r.digest, (select count(*) from member m where m.submission = s.id"
        " and m.revision = s.revision) as members"
        " from submission s join revision r on r.submission = s.id and r.number = s.revision"
        " where s.state <> 'deleted'"
        " and (cast(:owner as text) is null or s.owner_sub = :owner"
        "      or s.owner_platform = :platform)"
        " and (cast(:state as text) is null or s.state = :state)"
        " and (cast(:after as uuid) is null or s.id < :after)"
        " order by s.id desc limit :limit"
    )
    values = {"owner": owner, "platform": platform, "state": state, "after": after, "limit": limit}
    return list((await session.execute(query, values)).all())
