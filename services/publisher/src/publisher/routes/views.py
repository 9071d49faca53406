"""How a submission looks to the one who asks."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from earthcode_common import etags
from earthcode_common.auth import Principal
from earthcode_common.contracts import projection_of
from earthcode_common.db import ReadSession
from earthcode_common.problems import Gone, NotFound
from starlette.requests import Request
from starlette.responses import Response

from publisher.domain import states
from publisher.operations.people import OVERSEERS, actor, case, owns, parts
from publisher.operations.record import Teller
from publisher.store import views
from publisher.store.submissions import Submission
from publisher.store.submissions import row as stored

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def base(request: Request) -> str:
    return str(request.app.state.runtime.settings.public_url).rstrip("/") + "/publish"


def teller(request: Request) -> Teller:
    return Teller(request.app.state.runtime.settings.public_url)


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), status, headers, "application/json")


def number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"There is no submission {text[:100]}") from None


def check_visible(who: Principal, id: UUID, at: Submission | None) -> Submission:
    """Whoever may not see a submission is told that it is not there."""
    if at is not None and (
        who.has(*OVERSEERS) or owns(actor(who), at.owner_sub, at.owner_platform)
    ):
        if at.state == states.DELETED:
            raise Gone("This submission was deleted")
        return at
    raise NotFound(f"There is no submission {id}")


def etag(at: Submission) -> str:
    """What others publish meanwhile changes what may be done, so it is part of it."""
    return etags.quoted(f"s{at.etag}" + ("-overtaken" if at.overtaken else ""))


async def submission(
    request: Request, session: ReadSession, id: UUID, who: Principal, status: int = 200
) -> Response:
    found = await views.view(session, id)
    at = check_visible(who, id, await stored(session, id))
    assert found is not None
    url = f"{base(request)}/submissions/{id}"
    headers = PRIVATE | {"ETag": etag(at)}
    if status == 201:
        headers["Location"] = url
    return Response(orjson.dumps(_body(found, at, who, url)), status, headers, "application/json")


def _body(found: dict[str, Any], at: Submission, who: Principal, url: str) -> dict[str, Any]:
    me = actor(who)
    allowed = states.allowed(case(me, at), parts(me, at))
    return {
        "id": str(found["id"]),
        "title": found["title"],
        "state": found["state"],
        "revision": found["digest"],
        "owner": owner(found),
        "created": found["created"].isoformat(),
        "changed": found["changed"].isoformat(),
        "checked": found["checked"].isoformat() if found["checked"] else None,
        "members": [_member(m, url) for m in found["members"]],
        "findings": found["findings"],
        "waiting_on": [m | {"projection": projection_of(m["kind"])} for m in found["waiting"]],
        "history": found["history"],
        "comments": found["comments"],
        "revisions": found["revisions"],
        "actions": allowed,
        "links": _links(url, allowed, editable=_editable(me, at)),
    }


def owner(found: Any) -> dict[str, Any]:
    return {
        "sub": found["owner_sub"],
        "name": found["owner_name"],
        "platform": found["owner_platform"],
    }


def _editable(me: Any, at: Submission) -> bool:
    return at.state in states.EDITABLE and owns(me, at.owner_sub, at.owner_platform)


def _member(member: dict[str, Any], url: str) -> dict[str, Any]:
    href = f"{url}/members/{member['kind']}/{quote(member['id'])}"
    files = [
        file | {"href": f"{href}/attachments/{quote(file['name'])}"}
        for file in member["attachments"]
    ]
    return member | {"attachments": files, "href": href}


def _links(url: str, allowed: list[str], *, editable: bool) -> list[dict[str, str]]:
    links = [{"rel": "self", "href": url, "type": "application/json"}]
    if editable:
        links.append({"rel": "edit", "href": url, "type": "application/json"})
    actions = [action for action in allowed if action in states.ACTIONS]
    return links + [
        {"rel": f"urn:earthcode:action:{a}", "href": f"{url}/actions/{a}", "method": "POST"}
        for a in actions
    ]
