"""Taking a submission from one state to the next: judged, logged, and told."""

from dataclasses import dataclass
from uuid import UUID

from earthcode_common import outbox
from earthcode_common.contracts import SUBMISSION_CHANGED, SubmissionChanged
from earthcode_common.db import WriteSession
from earthcode_common.problems import BadRequest, Conflict, Forbidden, NotFound, Problem

from publisher.domain import states
from publisher.domain.states import Refusal
from publisher.operations.people import Actor, case, parts
from publisher.store import submissions
from publisher.store.submissions import Submission

_PROBLEMS: dict[str, type[Problem]] = {
    "unknown": NotFound,
    "forbidden": Forbidden,
    "conflict": Conflict,
    "invalid": BadRequest,
}


@dataclass(frozen=True)
class Asked:
    action: str
    comment: str = ""
    revision: str = ""


def judge(at: Submission, who: Actor, asked: Asked) -> str:
    """The state that follows. Raises NotFound, Forbidden, Conflict or BadRequest."""
    decision = states.decide(
        case(who, at), asked.action, parts(who, at), comment=asked.comment, revision=asked.revision
    )
    if isinstance(decision, Refusal):
        problem = _PROBLEMS[decision.kind]
        raise problem(decision.detail, hint=decision.hint, pointer=decision.pointer)
    return decision


async def move(session: WriteSession, at: Submission, who: Actor, asked: Asked) -> None:
    """Judge, append to the log and tell. ``at`` is locked, and out of date afterwards."""
    state = judge(at, who, asked)
    entry = {"action": asked.action, "state": state, "actor": who.sub, "actor_name": who.name}
    await submissions.move(session, at, entry | {"comment": asked.comment or None})
    data = SubmissionChanged(id=str(at.id), action=asked.action, state=state, actor=who.sub)
    await outbox.add(session, SUBMISSION_CHANGED, "submission", str(at.id), data)


async def locked(session: WriteSession, id: UUID) -> Submission:
    """Raises NotFound."""
    at = await submissions.lock(session, id)
    if at is None:
        raise NotFound(f"There is no submission {id}")
    return at
