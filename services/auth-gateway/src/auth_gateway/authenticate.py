"""Who asks: one bearer token, or the session cookie, or nobody in particular.

A bearer token wins over a cookie: it was put there on purpose, a cookie comes by itself. A token
that is not valid is refused even where nobody need log in; a cookie that has ended counts as none.
"""

import hashlib
import time

from earthcode_common.problems import Unauthenticated
from starlette.types import Scope

from auth_gateway import cookies, store, tokens
from auth_gateway.domain import callers
from auth_gateway.domain import headers as header
from auth_gateway.domain.callers import ANONYMOUS, Caller
from auth_gateway.domain.claims import Refused
from auth_gateway.domain.origins import same_origin
from auth_gateway.domain.policy import SAFE
from auth_gateway.state import Gateway


async def caller_of(gateway: Gateway, scope: Scope) -> Caller:
    """Raises Unauthenticated (a token that is not valid) or Unavailable (nothing to check with)."""
    authorization = header.get(scope["headers"], b"authorization")
    if authorization is not None:
        try:
            return await _from_token(gateway, authorization)
        except Unauthenticated as problem:
            problem.headers["WWW-Authenticate"] += ', error="invalid_token"'  # RFC 6750 section 3
            raise
    secret = _cookie(gateway, scope)
    if secret is None or is_cross_site(gateway, scope):
        return ANONYMOUS
    return await _from_session(gateway, hashlib.sha256(secret.encode("latin-1")).digest())


def has_cookie(gateway: Gateway, scope: Scope) -> bool:
    return _cookie(gateway, scope) is not None


def _cookie(gateway: Gateway, scope: Scope) -> str | None:
    return callers.cookie(scope["headers"], cookies.session_name(gateway.settings))


def is_cross_site(gateway: Gateway, scope: Scope) -> bool:
    """A write from another site's page: the cookie came along, but not by the person's will."""
    if scope["method"] in SAFE:
        return False
    names = (b"origin", b"sec-fetch-site", b"referer")
    return not same_origin(
        gateway.settings.public_url, *(header.get(scope["headers"], name) for name in names)
    )


async def _from_token(gateway: Gateway, authorization: bytes) -> Caller:
    key = hashlib.sha256(b"bearer " + authorization).digest()
    if known := gateway.believed.get(key):
        return known
    try:
        token = callers.bearer(authorization)
    except Refused as error:
        raise Unauthenticated(f"The Authorization header is not understood: {error}") from error
    subject = await tokens.access_token(gateway.providers, token)
    async with gateway.db.read() as session:
        grant = await store.grant_of(session, subject.issuer, subject.sub)
    found = callers.caller(
        "bearer",
        subject.issuer,
        subject.sub,
        name=subject.name,
        roles=subject.roles,
        platform=subject.platform,
        grant=grant,
        client=subject.client,
    )
    gateway.believed.put(key, found, subject.expires)
    return found


async def _from_session(gateway: Gateway, id: bytes) -> Caller:
    if known := gateway.believed.get(id):
        return known
    async with gateway.db.read() as reading:
        found = await store.session_of(reading, id, gateway.settings.session_idle_seconds)
    if found is None:
        return ANONYMOUS
    gateway.touched.add(id)
    caller = callers.caller(
        "session",
        found.issuer,
        found.sub,
        name=found.name,
        roles=frozenset(found.roles),
        platform=found.platform,
        grant=found.grant,
        client="browser",
        session=id,
    )
    gateway.believed.put(id, caller, min(found.expires.timestamp(), time.time() + 3600))
    return caller
