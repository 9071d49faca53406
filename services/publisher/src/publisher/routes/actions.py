"""What is done to a submission by name, and what is said about it."""

from typing import Annotated

from earthcode_common import etags, idempotency
from earthcode_common.auth import Principal, require
from earthcode_common.db import Writing
from earthcode_common.problems import BadRequest, NotFound
from fastapi import APIRouter, Depends, Request, Response

from publisher import bodies
from publisher.domain import states
from publisher.openapi import routes as shown
from publisher.operations import actions
from publisher.operations.moves import Asked, locked
from publisher.operations.people import AUTHORS, actor
from publisher.routes import views
from publisher.store import submissions as store

MAX_COMMENT = 10_000
router = APIRouter(prefix="/publish/submissions/{submission}", tags=["review"])
Author = Annotated[Principal, Depends(require(*AUTHORS))]


@router.post("/actions/{action}", **shown.act)
async def act(
    request: Request, submission: str, action: str, who: Author, body: bodies.Raw, session: Writing
) -> Response:
    """Take a submission to its next state; the answer lists what is possible afterwards."""
    if action not in states.ACTIONS:
        raise NotFound(f"There is no action {action}", hint=f"one of {', '.join(states.ACTIONS)}")
    if replayed := await idempotency.replay(session, request, who.sub, body):
        return replayed
    id = views.number(submission)
    at = views.check_visible(who, id, await locked(session, id))
    etags.check_match(request, views.etag(at), required=False)
    await actions.act(session, at, actor(who), _asked(action, body), views.teller(request))
    response = await views.submission(request, session, id, who)
    await idempotency.remember(session, request, who.sub, body, response)
    return response


@router.post("/comments", status_code=201, **shown.comment)
async def comment(
    request: Request, submission: str, who: Author, body: bodies.Raw, session: Writing
) -> Response:
    """Say something about the current revision, or about one place in one member."""
    id = views.number(submission)
    at = views.check_visible(who, id, await locked(session, id))
    given = bodies.options(body)
    entry = {name: bodies.words(given, name, 500) or None for name in ("kind", "id", "pointer")}
    text = bodies.words(given, "text", MAX_COMMENT, required=True)
    await store.comment(
        session, at, entry | {"text": text, "actor": who.sub, "actor_name": who.name}
    )
    return await views.submission(request, session, id, who, 201)


def _asked(action: str, body: bytes) -> Asked:
    given = bodies.options(body)
    comment = bodies.words(given, "comment", MAX_COMMENT)
    reason = bodies.words(given, "reason", MAX_COMMENT)
    if comment and reason:
        raise BadRequest("comment and reason say the same thing; send one", pointer="/reason")
    return Asked(action, comment or reason, bodies.words(given, "revision", 200))
