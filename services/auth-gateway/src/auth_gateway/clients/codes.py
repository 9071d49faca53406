"""The authorization code flow as a client: PKCE, and the exchange of the code.

authlib builds the request and the client's authentication; tokens.py verifies what comes back.
"""

from collections.abc import Mapping
from typing import Any

import httpx2
import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from earthcode_common.problems import Problem, Unavailable

from auth_gateway.clients.issuers import MAX_BYTES, TIMEOUT, Provider
from auth_gateway.domain.claims import Refused

METHODS = ("client_secret_basic", "client_secret_post")


async def authorization_url(
    provider: Provider, *, redirect_uri: str, state: str, nonce: str, verifier: str
) -> str:
    """Where the browser goes to log in; raises Unavailable."""
    metadata = await provider.known()
    url: str = prepare_grant_uri(
        metadata["authorization_endpoint"],
        provider.issuer.client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=provider.issuer.scopes,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return url


async def exchange(provider: Provider, *, code: str, verifier: str, redirect_uri: str) -> str:
    """The ID token for a code; raises Refused or Unavailable. Never tried twice."""
    metadata = await provider.known()
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    url, headers, body = _client_auth(provider, metadata).prepare(
        "POST", metadata["token_endpoint"], headers, body
    )
    answer = await _post(provider, url, headers, body)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Refused("the issuer sent no ID token")
    return token


def _client_auth(provider: Provider, metadata: Mapping[str, Any]) -> ClientAuth:
    secret = provider.issuer.client_secret.get_secret_value()
    offered = metadata.get("token_endpoint_auth_methods_supported") or METHODS[:1]
    method = next((name for name in METHODS if name in offered), METHODS[0])
    return ClientAuth(provider.issuer.client_id, secret, method if secret else "none")


async def _post(provider: Provider, url: str, headers: Any, body: str) -> dict[str, Any]:
    try:
        answer = await provider.http.request(
            "POST", url, headers=headers, content=body, timeout=TIMEOUT, max_bytes=MAX_BYTES
        )
    except (httpx2.HTTPError, Problem) as error:
        raise Unavailable(f"{provider.issuer.name} does not answer at the moment") from error
    if answer.status_code >= 500:
        raise Unavailable(f"{provider.issuer.name} answered {answer.status_code}")
    try:
        found = orjson.loads(answer.content)
    except ValueError:
        found = None
    if answer.status_code != 200 or not isinstance(found, dict):
        raise Refused("the issuer did not accept the code")
    return found
