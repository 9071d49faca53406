"""The endpoints for programs: token, device authorization, userinfo."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from earthcode_local.oidc.clients import DEVICE, Client
from earthcode_local.oidc.errors import OAuthError
from earthcode_local.oidc.forms import form_of
from earthcode_local.oidc.issue import claims_of_access, client_tokens, tokens_for
from earthcode_local.oidc.memory import (
    DEVICE_INTERVAL,
    DEVICE_SECONDS,
    Device,
    end_families,
    family_of,
    open_device,
    open_family,
    rotate,
)
from earthcode_local.oidc.people import PEOPLE, claims
from earthcode_local.oidc.provider import Provider, provider_of

SCOPES = ("openid", "profile", "email", "roles", "offline_access")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.1
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 section 6.1: no vowels, no look-alikes
FRESH = {"cache-control": "no-store", "pragma": "no-cache"}


async def token(request: Request) -> Response:
    provider, form = provider_of(request), await form_of(request)
    client = authenticated(provider, request, form)
    grant_type = form.get("grant_type", "")
    answer = GRANTS.get(grant_type)
    if answer is None:
        raise OAuthError("unsupported_grant_type", f"not offered here: {grant_type[:60]!r}")
    if grant_type not in client.grants:
        raise OAuthError("unauthorized_client", f"{client.id} may not use this grant")
    return JSONResponse(answer(provider, client, form), headers=FRESH)


def authenticated(provider: Provider, request: Request, form: dict[str, str]) -> Client:
    """The client, by HTTP Basic, by form fields, or by name alone when it is public."""
    basic = request.headers.get("authorization")
    if basic and "client_secret" in form:
        raise OAuthError("invalid_request", "the client authenticates twice")
    name, secret = (
        basic_credentials(basic)
        if basic
        else (form.get("client_id", ""), form.get("client_secret"))
    )
    client = provider.clients.get(name)
    if client is None or not client.knows(secret) or form.get("client_id", name) != name:
        raise OAuthError("invalid_client", "unknown client or wrong secret", 401)
    return client


def basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = name = secret = ""
    if scheme.lower() != "basic":
        raise OAuthError("invalid_client", "the Authorization header is not HTTP Basic", 401)
    return unquote_plus(name), unquote_plus(secret)


def from_code(provider: Provider, client: Client, form: dict[str, str]) -> dict[str, Any]:
    memory = provider.memory
    code = memory.codes.get(form.get("code", ""))
    if code is None or code.grant.client != client.id:
        raise OAuthError("invalid_grant", "the code is unknown")
    if code.used:  # RFC 6749 section 4.1.2: what it was exchanged for ends as well
        end_families(memory, [code.family] if code.family else [])
        raise OAuthError("invalid_grant", "the code was used before")
    code.used = True
    if code.expires < memory.clock():
        raise OAuthError("invalid_grant", "the code has expired")
    if form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri is not the one of the request")
    if not proves(form.get("code_verifier", ""), code.challenge):
        raise OAuthError("invalid_grant", "code_verifier does not fit the code_challenge")
    refresh = None
    if "refresh_token" in client.grants:
        code.family, refresh = open_family(memory, code.grant)
    return tokens_for(provider, code.grant, refresh)


def proves(verifier: str, challenge: str) -> bool:
    hashed = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    return bool(VERIFIER.fullmatch(verifier)) and hmac.compare_digest(expected, challenge)


def from_refresh(provider: Provider, client: Client, form: dict[str, str]) -> dict[str, Any]:
    shown = form.get("refresh_token", "")
    family = family_of(provider.memory, shown)
    if family is None or family.grant.client != client.id:
        raise OAuthError("invalid_grant", "the refresh token is unknown")
    scope = form.get("scope", family.grant.scope)
    if not set(scope.split()) <= set(family.grant.scope.split()):
        raise OAuthError("invalid_scope", "more than was allowed in the first place")
    rotated = rotate(provider.memory, shown)
    if rotated is None:
        raise OAuthError("invalid_grant", "the refresh token is no longer good")
    return tokens_for(provider, *rotated)


def from_credentials(provider: Provider, client: Client, form: dict[str, str]) -> dict[str, Any]:
    if client.secret is None:
        raise OAuthError("unauthorized_client", "a public client cannot act for itself")
    return client_tokens(provider, client, asked_scope(form.get("scope", "")))


def from_device(provider: Provider, client: Client, form: dict[str, str]) -> dict[str, Any]:
    code = form.get("device_code", "")
    device = provider.memory.devices.get(code)
    if device is None or device.client != client.id:
        raise OAuthError("invalid_grant", "the device code is unknown")
    refuse_device(device, provider.memory.clock())
    assert device.grant is not None
    del provider.memory.devices[code]
    refresh = None
    if "refresh_token" in client.grants:
        _, refresh = open_family(provider.memory, device.grant)
    return tokens_for(provider, device.grant, refresh)


def refuse_device(device: Device, now: float) -> None:
    """RFC 8628 section 3.5."""
    if device.expires < now:
        raise OAuthError("expired_token", "the device code has expired")
    if device.denied:
        raise OAuthError("access_denied", "the person refused")
    if device.grant is None:
        hasty = now - device.polled < device.interval
        device.polled = now
        if hasty:
            device.interval += 5
            raise OAuthError("slow_down", f"ask every {device.interval} seconds")
        raise OAuthError("authorization_pending", "the person has not answered yet")


GRANTS = {
    "authorization_code": from_code,
    "refresh_token": from_refresh,
    "client_credentials": from_credentials,
    DEVICE: from_device,
}


async def device_authorization(request: Request) -> Response:
    provider, form = provider_of(request), await form_of(request)
    client = authenticated(provider, request, form)
    if DEVICE not in client.grants:
        raise OAuthError("unauthorized_client", f"{client.id} may not use this grant")
    letters = "".join(secrets.choice(USER_CODE_LETTERS) for _ in range(8))
    user_code = f"{letters[:4]}-{letters[4:]}"
    scope = asked_scope(form.get("scope", "openid"))
    page = f"{provider.issuer}/device"
    answer = {
        "device_code": open_device(provider.memory, client.id, scope, user_code),
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": DEVICE_SECONDS,
        "interval": DEVICE_INTERVAL,
    }
    return JSONResponse(answer, headers=FRESH)


def asked_scope(scope: str) -> str:
    unknown = [word for word in scope.split() if word not in SCOPES]
    if unknown:
        raise OAuthError("invalid_scope", f"not offered here: {unknown[0][:60]!r}")
    return " ".join(scope.split())


async def userinfo(request: Request) -> Response:
    provider = provider_of(request)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    found = claims_of_access(provider, value.strip()) if scheme.lower() == "bearer" else None
    person = PEOPLE.get(found["sub"]) if found else None
    if found is None or person is None or "openid" not in found["scope"].split():
        challenge = 'Bearer realm="earthcode", error="invalid_token"'
        return JSONResponse(
            {"error": "invalid_token"}, 401, {**FRESH, "www-authenticate": challenge}
        )
    return JSONResponse(claims(person, found["scope"]), headers=FRESH)
