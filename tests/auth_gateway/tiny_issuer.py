"""An issuer in the hands of the test: it signs whatever it is told, and fails when it is told."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

AUDIENCE = "earthcode"


@dataclass
class TinyIssuer:
    url: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "cora", "name": "Cora", "roles": ["contributor"]}
    )
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    published: list[Any] | None = None
    down: bool = False
    fetches: dict[str, int] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    id_claims: dict[str, Any] = field(default_factory=dict)
    id_header: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def reset(self) -> None:
        """As it was made, but for its address and key."""
        fresh = TinyIssuer(url=self.url, key=self.key)
        vars(self).clear()
        vars(self).update(vars(fresh))

    def token(self, *, header: Any = None, key: Any = None, **changes: Any) -> str:
        """An access token; a change of None takes the claim away."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "cora",
            "name": "Cora",
            "roles": ["contributor"],
            "iat": now,
            "exp": now + 300,
            "client_id": "cli",
        }
        claims = {k: v for k, v in (claims | changes).items() if v is not None}
        return self.sign(claims, {"typ": "at+jwt"} | (header or {}), key)

    def sign(self, claims: dict[str, Any], header: dict[str, Any], key: Any = None) -> str:
        key = key or self.key
        alg = "ES256" if isinstance(key, ECKey) else "RS256"
        given = {"alg": alg, "kid": key.kid} | header
        given = {k: v for k, v in given.items() if v is not None}
        return jwt.encode(given, claims, key, algorithms=[given["alg"]])

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def _count(self, name: str) -> Response | None:
        self.fetches[name] = self.fetches.get(name, 0) + 1
        return Response("<h1>down</h1>", 500) if self.down else None

    async def _discovery(self, request: Request) -> Response:
        document = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": ["none", "RS256"],
        }
        return self._count("discovery") or JSONResponse(document | self.metadata)

    async def _jwks(self, request: Request) -> Response:
        keys = [self.key] if self.published is None else self.published
        return self._count("jwks") or JSONResponse(KeySet(keys).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url} | self.callback
        answer = {k: v for k, v in answer.items() if v is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        if self._count("token") or asked is None or not _proven(form, asked):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": asked["client_id"], "iat": now, "exp": now + 60}
        claims |= self.person | {"nonce": asked["nonce"]} | self.id_claims
        claims = {k: v for k, v in claims.items() if v is not None}
        token = self.sign(claims, {"typ": "JWT"} | self.id_header)
        body = {"access_token": "opaque", "token_type": "Bearer", "id_token": token}
        return JSONResponse(body)


def _proven(form: dict[str, str], asked: dict[str, str]) -> bool:
    challenge = create_s256_code_challenge(form.get("code_verifier", ""))
    same = form.get("redirect_uri") == asked["redirect_uri"]
    return (
        same and asked["code_challenge_method"] == "S256" and challenge == asked["code_challenge"]
    )
