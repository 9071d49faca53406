"""Writing a submission: its members change as a whole, and only while it is the owner's."""

from typing import Any
from uuid import UUID

from earthcode_common import outbox
from earthcode_common.contracts import SUBMISSION_CHANGED, SubmissionChanged
from earthcode_common.db import WriteSession
from earthcode_common.ids import uuid7
from earthcode_common.problems import Conflict, Forbidden

from publisher.bodies import Draft
from publisher.domain import states
from publisher.domain.digests import revision_digest
from publisher.domain.members import Entry
from publisher.operations.people import Actor, owns
from publisher.store import revisions, submissions
from publisher.store.submissions import Submission


async def create(session: WriteSession, draft: Draft, who: Actor) -> UUID:
    id = uuid7()
    owner: dict[str, Any] = {"sub": who.sub, "name": who.name, "platform": who.platform}
    await submissions.insert(session, id, draft.title, owner)
    digest = _digest(draft.members)
    await revisions.write(session, id, 1, digest, draft.members)
    await submissions.created(session, id, who.sub, who.name, digest)
    data = SubmissionChanged(id=str(id), action="create", state=states.DRAFT, actor=who.sub)
    await outbox.add(session, SUBMISSION_CHANGED, "submission", str(id), data)
    return id


async def replace(session: WriteSession, at: Submission, draft: Draft, who: Actor) -> None:
    """A submitted revision is kept; the change becomes the next one. ``at`` is locked."""
    if not owns(who, at.owner_sub, at.owner_platform):
        raise Forbidden("Only its owner changes a submission", hint="request changes instead")
    if at.state not in states.EDITABLE:
        raise Conflict(
            f"It is {at.state}; only a {' or '.join(states.EDITABLE)} submission can be changed",
            hint="recall it first" if at.state == states.IN_REVIEW else None,
        )
    number = at.revision + 1 if at.frozen else at.revision
    await revisions.write(session, at.id, number, _digest(draft.members), draft.members)
    await submissions.edit(session, at.id, draft.title, number)


def _digest(members: list[Entry]) -> str:
    return revision_digest(
        {"kind": m.kind, "id": m.id, "digest": m.digest, "attachments": m.attachments}
        for m in members
    )
