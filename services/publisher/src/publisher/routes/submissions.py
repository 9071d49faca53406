"""Submissions: write, read, replace, delete."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from earthcode_common import etags, idempotency
from earthcode_common.auth import Principal, require
from earthcode_common.db import Reading, Writing
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Depends, Query, Request, Response

from publisher import bodies
from publisher.domain import states
from publisher.openapi import routes as shown
from publisher.operations import actions, drafts
from publisher.operations.moves import Asked, locked
from publisher.operations.people import AUTHORS, OVERSEERS, actor
from publisher.routes import files, views
from publisher.store import revisions
from publisher.store import submissions as store
from publisher.store.views import page

router = APIRouter(prefix="/publish/submissions", tags=["submissions"])
Author = Annotated[Principal, Depends(require(*AUTHORS))]
Member = Annotated[Principal, Depends(require(*AUTHORS, "operator"))]
# Read before the session opens, so that a slow sender holds no transaction.
Draft = Annotated[bodies.Draft, Depends(bodies.read_draft)]
MAX_REVISION = 2**31 - 1
State = StrEnum("State", [(s, s) for s in states.STATES if s != states.DELETED])  # type: ignore[misc]


async def _member(
    submission: str,
    kind: str,
    id: str,
    who: Member,
    session: Reading,
    revision: Annotated[
        int | None, Query(ge=1, le=MAX_REVISION, description="an earlier revision, by number")
    ] = None,
) -> Any:
    key = views.number(submission)
    at = views.check_visible(who, key, await store.row(session, key))
    found = await revisions.member(session, at, revision, kind, id)
    if found is None:
        raise NotFound(f"This submission has no {kind[:50]} {id[:200]} in that revision")
    return found


Found = Annotated[Any, Depends(_member)]


@router.post("", status_code=201, **shown.create_submission)
async def create_submission(
    request: Request, who: Author, body: bodies.Raw, draft: Draft, session: Writing
) -> Response:
    """Make a draft. With an `Idempotency-Key`, a repeated request gets the first one's answer."""
    if replayed := await idempotency.replay(session, request, who.sub, body):
        return replayed
    id = await drafts.create(session, draft, actor(who))
    response = await views.submission(request, session, id, who, 201)
    await idempotency.remember(session, request, who.sub, body, response)
    return response


@router.get("", **shown.list_submissions)
async def list_submissions(
    request: Request,
    who: Member,
    session: Reading,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: UUID | None = None,
) -> Response:
    """Your own submissions, newest first; stewards and operators see everybody's."""
    everybody = who.has(*OVERSEERS)
    rows = await page(
        session,
        owner=None if everybody else who.sub,
        platform=None if everybody else who.platform,
        state=state,
        after=after,
        limit=limit,
    )
    return views.json_response(_page(request, rows, limit), headers=views.PRIVATE)


@router.get("/{submission}", **shown.read_submission)
async def read_submission(
    request: Request, submission: str, who: Member, session: Reading
) -> Response:
    """State, members, findings, history, and what you may do now; `ETag` for the next change."""
    response = await views.submission(request, session, views.number(submission), who)
    return etags.not_modified(request, response.headers["ETag"]) or response


@router.put("/{submission}", **shown.replace_submission)
async def replace_submission(
    request: Request, submission: str, who: Author, draft: Draft, session: Writing
) -> Response:
    """Replace title and members as a whole; needs `If-Match` with the ETag you have seen."""
    id = views.number(submission)
    at = views.check_visible(who, id, await locked(session, id))
    etags.check_match(request, views.etag(at))
    await drafts.replace(session, at, draft, actor(who))
    return await views.submission(request, session, id, who)


@router.delete("/{submission}", status_code=204, **shown.delete_submission)
async def delete_submission(
    request: Request, submission: str, who: Author, session: Writing
) -> Response:
    """Delete a draft that was never submitted; later, withdraw it instead."""
    id = views.number(submission)
    at = views.check_visible(who, id, await locked(session, id))
    etags.check_match(request, views.etag(at), required=False)
    await actions.act(session, at, actor(who), Asked("delete"), views.teller(request))
    return Response(status_code=204)


@router.get("/{submission}/members/{kind}/{id}", **shown.read_member)
async def read_member(request: Request, found: Found) -> Response:
    """The document of a member, exactly as it was submitted."""
    return files.document(request, found.kind, found.document, found.digest, views.PRIVATE)


@router.get("/{submission}/members/{kind}/{id}/attachments/{name}", **shown.read_member_attachment)
async def read_member_attachment(
    request: Request, name: str, found: Found, session: Reading
) -> Response:
    """A file beside the document of a member."""
    return await files.attachment(request, session, found.attachments, name, views.PRIVATE)


def _page(request: Request, rows: list[Any], limit: int) -> dict[str, Any]:
    base = f"{views.base(request)}/submissions"
    return {
        "submissions": [_summary(row, base) for row in rows],
        "next": str(rows[-1].id) if len(rows) == limit else None,
    }


def _summary(row: Any, base: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "title": row.title,
        "state": row.state,
        "revision": row.digest,
        "owner": views.owner(row._mapping),
        "members": row.members,
        "created": row.created.isoformat(),
        "changed": row.changed.isoformat(),
        "href": f"{base}/{row.id}",
    }
