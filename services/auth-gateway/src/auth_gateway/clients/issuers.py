"""An OpenID provider: its metadata and keys, kept, and kept longer when it is away.

Fetches are claimed before they are made (one in 30 s per issuer whatever strangers send, one at a
time), so tokens with unknown key ids cannot make us hammer a provider. What was fetched is used for
15 minutes and, while the provider does not answer, for up to a day.
"""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
from earthcode_common import telemetry
from earthcode_common.http import Outbound
from earthcode_common.problems import Problem, Unavailable
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from auth_gateway.settings import LOOPBACK, Issuer

FRESH = 15 * 60.0
STALE = 24 * 3600.0
COOLDOWN = 30.0
# While we know nothing at all, logins wait for the provider to come up: try more often.
COOLDOWN_EMPTY = 2.0
TIMEOUT = 5.0
MAX_BYTES = 256 * 1024
MAX_KEYS = 50
MALFORMED = (ValueError, KeyError, TypeError, AttributeError)


class Provider:
    def __init__(self, issuer: Issuer, http: Outbound) -> None:
        self.issuer = issuer
        self.http = http
        self.metadata: dict[str, Any] = {}
        self.keys: KeySet | None = None
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def known(self) -> dict[str, Any]:
        """The provider's metadata (OpenID Connect Discovery 1.0); raises Unavailable."""
        await self._refresh(FRESH)
        return self.metadata

    async def key_set(self, *, unknown_key: bool = False) -> KeySet:
        """Its verification keys, asked for again when a token names one we lack; or Unavailable."""
        await self._refresh(0 if unknown_key else FRESH)
        if self.keys is None:
            raise self._away()
        return self.keys

    async def _refresh(self, older_than: float) -> None:
        """Only who cannot go on with what is known waits for the provider."""
        now = time.monotonic()
        age = now - self._fetched
        wait = COOLDOWN if self.metadata else COOLDOWN_EMPTY
        if age >= older_than and now - self._tried >= wait:
            self._tried = now
            self._fetching = asyncio.create_task(self._fetch())
        if self._fetching and (age > STALE or older_than == 0):
            await asyncio.shield(self._fetching)
        if time.monotonic() - self._fetched > STALE:
            raise self._away()

    async def _fetch(self) -> None:
        try:
            metadata = _checked(await self._get(_discovery(self.issuer.issuer)), self.issuer.issuer)
            keys = usable(await self._get(metadata["jwks_uri"]))
        except (httpx2.HTTPError, Problem, OSError, JoseError, *MALFORMED) as error:
            facts = {"issuer": self.issuer.issuer, "error": repr(error)[:300]}
            telemetry.log.warning("issuer cannot be read", extra=facts)
            return
        self.metadata, self.keys, self._fetched = metadata, keys, time.monotonic()

    async def _get(self, url: str) -> Any:
        answer = await self.http.get(url, timeout=TIMEOUT, tries=1, max_bytes=MAX_BYTES)
        if answer.status_code != 200:
            raise ValueError(f"{url} answered {answer.status_code}")
        return orjson.loads(answer.content)

    def _away(self) -> Unavailable:
        return Unavailable(f"{self.issuer.name} does not answer at the moment; try again later")


def _discovery(issuer: str) -> str:
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def _checked(metadata: Any, issuer: str) -> dict[str, Any]:
    """Discovery 4.3: the issuer says its own name exactly, and is not talked down to http."""
    if not isinstance(metadata, dict) or metadata.get("issuer") != issuer:
        raise ValueError("the metadata names another issuer")
    for name in ("jwks_uri", "authorization_endpoint", "token_endpoint"):
        parts = urlsplit(metadata[name])
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError(f"{name} is not an https address")
    return metadata


def usable(document: Any) -> KeySet:
    """Public signing keys only: no symmetric ones, none for encryption, RSA from 2048 bits on."""
    rows = document["keys"][:MAX_KEYS]
    fitting = [r for r in rows if r.get("kty") in ("RSA", "EC", "OKP") and r.get("use") != "enc"]
    keys = [key for key in KeySet.import_key_set({"keys": fitting}).keys if _strong(key)]
    if not keys:
        raise ValueError("the key set holds no usable key")
    return KeySet(keys)


def _strong(key: Any) -> bool:
    if isinstance(key, RSAKey):
        return bool(key.public_key.key_size >= 2048)
    return isinstance(key, ECKey | OKPKey)
