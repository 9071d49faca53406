"""What people do to a submission, beyond writing it."""

from earthcode_common.db import WriteSession

from publisher.domain import states
from publisher.operations import publish
from publisher.operations.moves import Asked, judge, locked, move
from publisher.operations.people import Actor
from publisher.operations.record import Teller
from publisher.store import revisions, submissions
from publisher.store.submissions import Submission

# Asking again for what is under way is no mistake.
_UNDER_WAY = (states.PUBLISHING, states.PUBLISHED)


async def act(
    session: WriteSession, at: Submission, who: Actor, asked: Asked, teller: Teller
) -> None:
    """Raises NotFound, Forbidden, Conflict or BadRequest. ``at`` is locked by the caller."""
    if asked.action == "publish" and at.state in _UNDER_WAY and who.steward:
        return
    judge(at, who, asked)
    if asked.action == "publish":
        await publish.publish(session, at, who, teller)
    else:
        await _prepare(session, at, who, asked.action)
        await move(session, at, who, asked)
    if asked.action == "retry":
        await publish.carry_on(session, await locked(session, at.id), teller)


async def _prepare(session: WriteSession, at: Submission, who: Actor, action: str) -> None:
    if action == "submit":
        await revisions.freeze(session, at, who.sub)
    elif action == "approve":
        await submissions.approve(session, at)
    elif action == "delete":
        await submissions.empty(session, at.id)
