"""The page where a person lets a command-line program act for them (RFC 8628 section 3.3)."""

import re

from starlette.requests import Request
from starlette.responses import Response

from earthcode_local.oidc.errors import PageError
from earthcode_local.oidc.forms import form_of, query_of
from earthcode_local.oidc.guard import form_token, refuse_foreign, remember
from earthcode_local.oidc.login import current_session, login_page
from earthcode_local.oidc.memory import Device, Grant, Memory, Session
from earthcode_local.oidc.pages import page
from earthcode_local.oidc.people import PEOPLE
from earthcode_local.oidc.provider import provider_of


async def device(request: Request) -> Response:
    """Log in, type the code, allow or refuse. The question is always asked: whoever sent the
    link may not be the one who started the program."""
    session = current_session(request)
    if session is None:
        return login_page(request)
    if request.method == "POST":
        return await _answer(request, session)
    shown = query_of(request).get("user_code", "")
    waiting = _waiting(provider_of(request).memory, shown)
    if waiting is None:
        problem = "No program waits with this code." if shown else ""
        return page("device_code.html", status=404 if shown else 200, problem=problem, code=shown)
    return _ask(request, waiting, session)


def _ask(request: Request, waiting: Device, session: Session) -> Response:
    token = form_token(request)
    client = provider_of(request).clients[waiting.client]
    response = page(
        "device_allow.html",
        csrf=token,
        device=waiting,
        client=client,
        person=PEOPLE[session.person],
    )
    return remember(request, response, "form", token)


async def _answer(request: Request, session: Session) -> Response:
    form = await form_of(request)
    refuse_foreign(request, form)
    waiting = _waiting(provider_of(request).memory, form.get("user_code", ""))
    if waiting is None:
        raise PageError("No program waits with this code any more.")
    if form.get("answer") != "allow":
        waiting.denied = True
        return page("message.html", title="Refused", message="The program was told so.")
    waiting.grant = Grant(
        waiting.client, session.person, waiting.scope, session.auth_time, session.id
    )
    return page("message.html", title="Done", message="You can go back to your program.")


def _waiting(memory: Memory, user_code: str) -> Device | None:
    letters = _letters(user_code)
    for found in memory.devices.values():
        unanswered = found.grant is None and not found.denied and found.expires > memory.clock()
        if unanswered and letters and _letters(found.user_code) == letters:
            return found
    return None


def _letters(user_code: str) -> str:
    return re.sub(r"[^A-Z]", "", user_code.upper())
