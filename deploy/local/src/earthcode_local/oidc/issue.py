"""The tokens: ID tokens (OpenID Connect Core section 2) and JWT access tokens (RFC 9068)."""

import base64
import hashlib
import secrets
from typing import Any

from earthcode_local.oidc.clients import Client
from earthcode_local.oidc.keys import sign, verified
from earthcode_local.oidc.memory import Grant
from earthcode_local.oidc.people import PEOPLE, claims
from earthcode_local.oidc.provider import TOKEN_SECONDS, Provider

ACCESS_TYPE = "at+jwt"
ID_TYPE = "JWT"


def tokens_for(provider: Provider, grant: Grant, refresh_token: str | None) -> dict[str, Any]:
    """The token endpoint's answer for something that a person allowed."""
    access = person_token(provider, grant)
    answer = token_answer(access, grant.scope)
    if refresh_token:
        answer["refresh_token"] = refresh_token
    if "openid" in grant.scope.split():
        answer["id_token"] = id_token(provider, grant, access)
    return answer


def client_tokens(provider: Provider, client: Client, scope: str) -> dict[str, Any]:
    """The answer for a client that acts for itself."""
    own: dict[str, Any] = {"sub": client.id, "name": client.title, "roles": list(client.roles)}
    if client.platform:
        own["platform"] = client.platform
    return token_answer(access_token(provider, client.id, scope, own), scope)


def token_answer(access: str, scope: str) -> dict[str, Any]:
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": scope,
    }


def person_token(provider: Provider, grant: Grant) -> str:
    about = claims(PEOPLE[grant.person], grant.scope)
    about |= {"auth_time": grant.auth_time, "sid": grant.sid}
    return access_token(provider, grant.client, grant.scope, about)


def access_token(provider: Provider, client: str, scope: str, about: dict[str, Any]) -> str:
    token = (
        about
        | times(provider)
        | {
            "aud": provider.audience,
            "client_id": client,
            "scope": scope,
            "jti": secrets.token_urlsafe(12),
        }
    )
    return sign(provider.keys, ACCESS_TYPE, token)


def id_token(provider: Provider, grant: Grant, access: str) -> str:
    token = (
        claims(PEOPLE[grant.person], grant.scope)
        | times(provider)
        | {
            "aud": grant.client,
            "azp": grant.client,
            "auth_time": grant.auth_time,
            "sid": grant.sid,
            "at_hash": half_hash(access),
        }
    )
    if grant.nonce is not None:
        token["nonce"] = grant.nonce
    return sign(provider.keys, ID_TYPE, token)


def times(provider: Provider) -> dict[str, Any]:
    now = int(provider.memory.clock())
    return {"iss": provider.issuer, "iat": now, "exp": now + TOKEN_SECONDS}


def half_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def claims_of_access(provider: Provider, token: str) -> dict[str, Any] | None:
    """The claims of an access token of ours that is still good."""
    found = verified(provider.keys, ACCESS_TYPE, token)
    if found is None or found.get("exp", 0) <= provider.memory.clock():
        return None
    return found
