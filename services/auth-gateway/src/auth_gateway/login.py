"""Logging in and out: a login is bound to one browser, used once, and makes a new session."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from earthcode_common.problems import BadRequest, Unavailable

from auth_gateway import cookies, store, tokens
from auth_gateway.clients import codes
from auth_gateway.clients.issuers import Provider
from auth_gateway.domain.claims import Refused, Subject
from auth_gateway.domain.origins import safe_next
from auth_gateway.state import Gateway

PARAMETERS = ("state", "code", "iss", "error")


class LoginFailed(BadRequest):
    slug = "login-failed"


@dataclass(frozen=True)
class LoggedIn:
    subject: Subject
    secret: str
    next: str


def redirect_uri(gateway: Gateway) -> str:
    return f"{gateway.settings.public_url.rstrip('/')}/auth/callback"


async def begin(gateway: Gateway, provider: Provider, next: str | None, browser: str) -> str:
    """Remember the login and return where the browser goes; raises Unavailable."""
    state, nonce, verifier = (cookies.new_secret() for _ in range(3))
    url = await codes.authorization_url(
        provider, redirect_uri=redirect_uri(gateway), state=state, nonce=nonce, verifier=verifier
    )
    login = store.Login(provider.issuer.issuer, nonce, verifier, safe_next(next))
    async with gateway.db.write() as session:
        await store.add_login(
            session, digest(state), digest(browser), login, gateway.settings.login_seconds
        )
    return url


async def complete(
    gateway: Gateway, answer: dict[str, str], browser: str | None, old_session: str | None
) -> LoggedIn:
    """Finish a login with the issuer's answer; raises LoginFailed or Unavailable."""
    login = await _taken(gateway, answer.get("state"), browser)
    provider = gateway.providers.get(login.issuer)
    if provider is None:
        raise LoginFailed("This issuer is no longer configured here")
    try:
        await _check_answer(provider, answer)
        token = await codes.exchange(
            provider,
            code=answer.get("code", ""),
            verifier=login.verifier,
            redirect_uri=redirect_uri(gateway),
        )
        subject = await tokens.id_token(provider, token, login.nonce)
    except Refused as error:
        raise LoginFailed(f"The login with {provider.issuer.name} failed: {error}") from error
    return await _open_session(gateway, subject, token, login.next, old_session)


async def _taken(gateway: Gateway, state: str | None, browser: str | None) -> store.Login:
    """The login of this state, which cannot be used again; only in the browser it began in."""
    found = None
    if state and browser:
        async with gateway.db.write() as session:
            found = await store.take_login(session, digest(state), digest(browser))
    if found is None:
        raise LoginFailed(
            "This login has expired, was used already, or began in another browser",
            hint=f"log in again at {gateway.settings.public_url}/auth/login",
        )
    return found


async def _check_answer(provider: Provider, answer: dict[str, str]) -> None:
    """RFC 9207: the answer comes from the issuer that was asked; RFC 6749 section 4.1.2.1."""
    metadata = await provider.known()
    named = answer.get("iss")
    always = metadata.get("authorization_response_iss_parameter_supported") is True
    if (named is None and always) or (named is not None and named != provider.issuer.issuer):
        raise Refused("the answer comes from another issuer")
    if "error" in answer:
        word = re.sub(r"[^A-Za-z0-9_.-]", "", answer["error"])[:60]
        raise Refused(f"it answered {word!r}")
    if not answer.get("code"):
        raise Refused("the answer holds no code")


async def _open_session(
    gateway: Gateway, subject: Subject, token: str, next: str, old_session: str | None
) -> LoggedIn:
    secret = cookies.new_secret()
    lifetime = gateway.settings.session_absolute_seconds
    async with gateway.db.write() as session:
        if old_session:
            await store.end_session(session, digest(old_session))
        await store.add_session(session, digest(secret), subject, token, lifetime)
    if old_session:
        gateway.believed.forget(digest(old_session))
    return LoggedIn(subject, secret, next)


async def leave(gateway: Gateway, id: bytes) -> str:
    """End a session; returns where the browser goes (the issuer's logout, when it offers one)."""
    async with gateway.db.write() as session:
        ended = await store.end_session(session, id)
    gateway.believed.forget(id)
    home = f"{gateway.settings.public_url.rstrip('/')}/"
    provider = gateway.providers.get(ended.issuer) if ended else None
    if ended is None or provider is None:
        return home
    try:
        address = (await provider.known()).get("end_session_endpoint")
    except Unavailable:
        return home
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        return home
    asked = {"client_id": provider.issuer.client_id, "post_logout_redirect_uri": home}
    asked |= {"id_token_hint": ended.id_token} if ended.id_token else {}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
