"""Outside tokens: verified with joserfc, pinned algorithms and the keys of exactly one issuer."""

import time
from collections.abc import Mapping
from typing import Any

import orjson
from earthcode_common.problems import Unauthenticated
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode

from auth_gateway.clients.issuers import Provider
from auth_gateway.domain import claims as rules
from auth_gateway.domain.claims import Refused, Subject

Parts = tuple[dict[str, Any], dict[str, Any]]


async def access_token(providers: Mapping[str, Provider], token: str) -> Subject:
    """Who a bearer token speaks of; raises Unauthenticated, or Unavailable without keys."""
    try:
        header, unverified = peek(token)
        provider = _provider(providers, unverified)
        claims = await verified(provider, token, header)
        rules.check_access_token(header, claims)
        rules.check_times(claims, time.time())
        rules.check_audience(claims, provider.issuer.audience)
        return subject(provider, claims)
    except Refused as error:
        raise Unauthenticated(
            f"The token is not accepted: {error}",
            hint="send an access token of a configured issuer (see /auth/issuers)",
        ) from error


async def id_token(provider: Provider, token: str, nonce: str) -> Subject:
    """Who logged in (OpenID Connect Core 3.1.3.7); raises Refused or Unavailable."""
    header, _ = peek(token)
    claims = await verified(provider, token, header)
    if claims.get("iss") != provider.issuer.issuer:
        raise Refused("it comes from another issuer")
    rules.check_times(claims, time.time())
    rules.check_audience(claims, provider.issuer.client_id)
    rules.check_login(claims, provider.issuer.client_id, nonce)
    return subject(provider, claims)


def subject(provider: Provider, claims: Mapping[str, Any]) -> Subject:
    issuer = provider.issuer
    return rules.subject(
        claims,
        roles_claim=issuer.roles_claim,
        platform_claim=issuer.platform_claim,
        grantable=issuer.grants,
    )


def peek(token: str) -> Parts:
    """Header and claims before any verification: only to choose the issuer; raises Refused."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > rules.MAX_TOKEN:
        raise Refused("it is not a signed JWT")
    try:
        header, claims = (orjson.loads(urlsafe_b64decode(p.encode())) for p in parts[:2])
    except ValueError:
        raise Refused("it is not a signed JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused("it is not a signed JWT")
    return header, claims


def _provider(providers: Mapping[str, Provider], claims: Mapping[str, Any]) -> Provider:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in providers:
        raise Refused("its issuer is not trusted here")
    return providers[issuer]


async def verified(provider: Provider, token: str, header: dict[str, Any]) -> dict[str, Any]:
    """The claims as signed by the provider; raises Refused, or Unavailable without keys."""
    rules.check_header(header, provider.issuer.algorithms)
    keys = await provider.key_set()
    found = _claims(token, keys, provider.issuer.algorithms)
    if found is None:
        # A rotated key is unknown until asked for; the provider bounds how often that happens.
        keys = await provider.key_set(unknown_key=True)
        found = _claims(token, keys, provider.issuer.algorithms)
    if found is None:
        raise Refused("its signature does not match the issuer's keys")
    return found


def _claims(token: str, keys: KeySet, algorithms: tuple[str, ...]) -> dict[str, Any] | None:
    try:
        checked = jws.deserialize_compact(token, keys, algorithms=list(algorithms))
        claims = orjson.loads(checked.payload)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return claims if isinstance(claims, dict) else None
