"""The internal token: who asks, signed by the gateway for one service and two minutes at most.

Services verify it themselves and believe no header. Nobody is anonymous by accident: no token
means the principal ``anonymous`` with the role ``reader``.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx2
import orjson
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from earthcode_common.principal import ANONYMOUS as ANONYMOUS
from earthcode_common.principal import Principal as Principal
from earthcode_common.problems import Forbidden, Unauthenticated, Unavailable

TYPE = "ec-int+jwt"
ALGORITHMS = ["ES256"]
LIFETIME = 120
LEEWAY = 10
ROLES = ("reader", "contributor", "platform", "steward", "technical-officer", "operator")


def sign(
    key: ECKey, *, audience: str, sub: str, roles: list[str], issuer: str, **claims: Any
) -> str:
    """Mint an internal token; ``claims`` may add name, platform, sid, req, act."""
    now = int(time.time())
    header = {"alg": "ES256", "typ": TYPE, "kid": key.kid or key.thumbprint()}
    body = {"iss": issuer, "aud": audience, "sub": sub, "roles": roles, "iat": now}
    return jwt.encode(header, body | {"exp": now + LIFETIME} | claims, key)


class TokenVerifier:
    """Checks internal tokens against the gateway's keys (a URL or a file), which it keeps."""

    COOLDOWN = 5.0

    def __init__(self, location: str, audience: str, issuer: str) -> None:
        self.location = location
        self.audience = audience
        self.issuer = issuer
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated (bad token) or Unavailable (no keys to check it with)."""
        try:
            claims = await self._claims(token)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            detail = f"The token is not valid for {self.audience}: {error or type(error).__name__}"
            raise Unauthenticated(detail) from error
        return Principal(
            sub=claims["sub"],
            name=str(claims.get("name", "")),
            roles=frozenset(claims["roles"]) & frozenset(ROLES) | {"reader"},
            platform=claims.get("platform"),
            claims=claims,
        )

    async def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > 8192:
            raise ValueError("longer than 8192 characters")
        keys = self._keys or await self._refresh()
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # A rotated key is unknown until fetched; the cool-down bounds what strangers can cause.
            decoded = jwt.decode(token, await self._refresh(), algorithms=ALGORITHMS)
        if decoded.header.get("typ") != TYPE:
            raise ValueError(f"its typ is not {TYPE}")
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            roles={"essential": True},
        )
        registry.validate(decoded.claims)
        return dict(decoded.claims)

    async def _refresh(self) -> KeySet:
        async with self._lock:
            if time.monotonic() - self._fetched < self.COOLDOWN and self._keys:
                return self._keys
            try:
                self._keys = KeySet.import_key_set(orjson.loads(await self._read()))
            except (OSError, ValueError, httpx2.HTTPError) as error:
                if self._keys is None:
                    raise Unavailable("The gateway's keys cannot be read at the moment") from error
            self._fetched = time.monotonic()
            assert self._keys is not None
            return self._keys

    async def _read(self) -> bytes:
        if not self.location.startswith(("http://", "https://")):
            return await asyncio.to_thread(Path(self.location).read_bytes)
        async with httpx2.AsyncClient(timeout=5) as client:
            response = await client.get(self.location)
            response.raise_for_status()
            return response.content


async def principal(request: Request) -> Principal:
    values = request.headers.getlist("authorization")
    if not values:
        return ANONYMOUS
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Exactly one `Authorization: Bearer <token>` header is understood")
    verifier: TokenVerifier = request.app.state.runtime.verifier
    return await verifier.verify(token.strip())


def require(*roles: str) -> Callable[..., Any]:
    """A dependency that lets only these roles in: 401 for nobody in particular, else 403."""

    async def check(who: Who) -> Principal:
        if who.has(*roles):
            return who
        if who.anonymous:
            raise Unauthenticated("Log in first: this needs " + " or ".join(roles))
        raise Forbidden(f"This needs the role {' or '.join(roles)}; you are {_list(who)}")

    return check


def _list(who: Principal) -> str:
    return ", ".join(sorted(who.roles))


Who = Annotated[Principal, Depends(principal)]
