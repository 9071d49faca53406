"""Logging in and out as a demonstration person."""

import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from earthcode_local.oidc.clients import Client
from earthcode_local.oidc.errors import PageError
from earthcode_local.oidc.forms import form_of, query_of
from earthcode_local.oidc.guard import cookie_name, form_token, refuse_foreign, remember
from earthcode_local.oidc.issue import ID_TYPE
from earthcode_local.oidc.keys import verified
from earthcode_local.oidc.memory import Session, close_session, open_session, session_of
from earthcode_local.oidc.pages import page
from earthcode_local.oidc.people import PASSWORD, PEOPLE
from earthcode_local.oidc.provider import Provider, provider_of

AFTER_LOGIN = ("/authorize?", "/device")


def current_session(request: Request) -> Session | None:
    memory = provider_of(request).memory
    return session_of(memory, request.cookies.get(cookie_name(request, "session")))


def login_page(request: Request) -> Response:
    """The form; afterwards the same request again, without what asked for a fresh login."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in ("prompt", "max_age")]
    return _form(request, request.url.path + ("?" + urlencode(kept) if kept else ""))


def _form(request: Request, target: str, problem: str = "", status: int = 200) -> Response:
    token = form_token(request)
    asker, return_to = _asker(provider_of(request), target)
    response = page(
        "login.html",
        status=status,
        form_target=return_to,
        asker=asker,
        csrf=token,
        next=target,
        problem=problem,
        people=PEOPLE.values(),
        password=PASSWORD,
    )
    return remember(request, response, "form", token)


def _asker(provider: Provider, target: str) -> tuple[str, str]:
    """For whom one logs in, and where that leads in the end."""
    query = dict(parse_qsl(urlsplit(target).query))
    client = provider.clients.get(query.get("client_id", ""))
    uri = query.get("redirect_uri", "")
    if client is None or uri not in client.redirect_uris:
        return "a program on a command line", ""
    return client.title, uri


async def login(request: Request) -> Response:
    provider, form = provider_of(request), await form_of(request)
    refuse_foreign(request, form)
    target = form.get("next", "")
    if not target.startswith(AFTER_LOGIN):
        raise PageError("There is nothing to log in for.")
    person = PEOPLE.get(form.get("username", "").strip().lower())
    fits = hmac.compare_digest(form.get("password", "").encode(), PASSWORD.encode())
    if person is None or not fits:
        return _form(request, target, "Wrong name or password.", 401)
    if old := current_session(request):
        provider.memory.sessions.pop(old.id, None)
    session = open_session(provider.memory, person.username)
    response = RedirectResponse(provider.issuer + target, 303)
    return remember(request, response, "session", session.id)


async def logout(request: Request) -> Response:
    """OpenID Connect RP-Initiated Logout 1.0; asks the person unless an ID token vouches."""
    provider = provider_of(request)
    asked = query_of(request) if request.method == "GET" else await form_of(request)
    hint = verified(provider.keys, ID_TYPE, asked.get("id_token_hint", ""))
    target = _after_logout(provider, asked, hint)
    session = current_session(request)
    if session and not _vouches(hint, session):
        if "csrf" not in asked:
            return _ask_logout(request, asked, session)
        refuse_foreign(request, asked)
    return _logged_out(request, session, hint, target)


def _after_logout(
    provider: Provider, asked: dict[str, str], hint: dict[str, object] | None
) -> str | None:
    uri = asked.get("post_logout_redirect_uri")
    if uri is None:
        return None
    named = str((hint or {}).get("aud") or asked.get("client_id"))
    client = provider.clients.get(named, Client(named, named))
    if uri not in client.post_logout_redirect_uris:
        raise PageError(f"{client.title} has not registered the address {uri!r} for after logout.")
    glue = "&" if "?" in uri else "?"
    return uri + (glue + urlencode({"state": asked["state"]}) if "state" in asked else "")


def _vouches(hint: dict[str, object] | None, session: Session) -> bool:
    return hint is not None and hint.get("sid") == session.id


def _ask_logout(request: Request, asked: dict[str, str], session: Session) -> Response:
    token = form_token(request)
    response = page(
        "logout.html",
        person=PEOPLE[session.person],
        csrf=token,
        asked=asked,
        form_target=asked.get("post_logout_redirect_uri", ""),
    )
    return remember(request, response, "form", token)


def _logged_out(
    request: Request,
    session: Session | None,
    hint: dict[str, object] | None,
    target: str | None,
) -> Response:
    memory = provider_of(request).memory
    for id in {session.id if session else None, (hint or {}).get("sid")} - {None}:
        close_session(memory, str(id))
    if target and urlsplit(target).scheme:
        response: Response = RedirectResponse(target, 303)
    else:
        response = page("message.html", title="Logged out", message="You are logged out.")
    response.delete_cookie(cookie_name(request, "session"), httponly=True, samesite="lax")
    return response
