"""The authorization endpoint: who asks, for whom, and back to where (RFC 6749 section 4.1)."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from earthcode_local.oidc.errors import OAuthError, PageError
from earthcode_local.oidc.forms import query_of
from earthcode_local.oidc.login import current_session, login_page
from earthcode_local.oidc.memory import Grant, Session, open_code
from earthcode_local.oidc.provider import Provider, client_named, provider_of
from earthcode_local.oidc.token import asked_scope

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # of SHA-256, base64url without padding


@dataclass(frozen=True)
class Asked:
    client: str
    redirect_uri: str
    state: str | None


async def authorize(request: Request) -> Response:
    """Straight back with a code when somebody is logged in, else the login page."""
    provider, query = provider_of(request), query_of(request)
    asked = who_asks(provider, query)
    try:
        check(query)
        session = current_session(request)
        prompt = query.get("prompt", "").split()
        if session and "login" not in prompt and recent(provider, session, query):
            return with_code(provider, asked, query, session)
        if "none" in prompt:
            raise OAuthError("login_required", "nobody is logged in")
    except OAuthError as error:
        return back(provider, asked, error.as_json())
    return login_page(request)


def who_asks(provider: Provider, query: dict[str, str]) -> Asked:
    """PageError when it cannot be told whom to answer: then nothing is redirected anywhere."""
    client = client_named(provider, query.get("client_id"))
    uri = query.get("redirect_uri", "")
    if uri not in client.redirect_uris:  # compared as text, RFC 9700 section 2.1
        raise PageError(f"{client.title} has not registered the redirect address {uri!r}.")
    return Asked(client.id, uri, query.get("state"))


def check(query: dict[str, str]) -> None:
    if "request" in query:
        raise OAuthError("request_not_supported", "request objects are not offered")
    if "request_uri" in query:
        raise OAuthError("request_uri_not_supported", "request objects are not offered")
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if query.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode must be query")
    if query.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    if not CHALLENGE.fullmatch(query.get("code_challenge", "")):
        raise OAuthError("invalid_request", "code_challenge must be a SHA-256 in base64url")
    if not query.get("max_age", "0").isdecimal():
        raise OAuthError("invalid_request", "max_age must be a number of seconds")
    asked_scope(query.get("scope", ""))


def recent(provider: Provider, session: Session, query: dict[str, str]) -> bool:
    allowed = query.get("max_age")
    return allowed is None or provider.memory.clock() - session.auth_time <= int(allowed)


def with_code(
    provider: Provider, asked: Asked, query: dict[str, str], session: Session
) -> Response:
    scope = asked_scope(query.get("scope", ""))
    grant = Grant(
        asked.client, session.person, scope, session.auth_time, session.id, query.get("nonce")
    )
    code = open_code(provider.memory, grant, asked.redirect_uri, query["code_challenge"])
    return back(provider, asked, {"code": code})


def back(provider: Provider, asked: Asked, answer: dict[str, str]) -> Response:
    """`iss` tells the client which provider answered (RFC 9207)."""
    parts = answer | ({"state": asked.state} if asked.state is not None else {})
    parts["iss"] = provider.issuer
    glue = "&" if "?" in asked.redirect_uri else "?"
    return RedirectResponse(asked.redirect_uri + glue + urlencode(parts), 303)
