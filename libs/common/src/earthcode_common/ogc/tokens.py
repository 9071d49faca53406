"""Page tokens: where to go on, signed, so that they are neither made up nor used elsewhere.

A token carries the sort key's values of the last row seen (not its id alone: that row may be gone)
and a digest of the query it belongs to.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from earthcode_common.problems import BadRequest

MAX_LENGTH = 8192
_SIGNATURE = 12
_DIGEST = 12


def sign(key: bytes, digest: bytes, values: Sequence[Any]) -> str:
    """``values`` must be JSON; ``digest`` names the query (see ``query_digest``)."""
    body = digest + orjson.dumps(values)
    return _encode(_mac(key, body) + body)


def read(key: bytes, digest: bytes, token: str) -> list[Any]:
    """The values again; raises BadRequest for a token that is not ours or of another query."""
    try:
        raw = _decode(token)
        body = raw[_SIGNATURE:]
        if not hmac.compare_digest(raw[:_SIGNATURE], _mac(key, body)):
            raise ValueError
    except ValueError:
        raise _wrong("it was not issued here") from None
    if body[:_DIGEST] != digest:
        raise _wrong("it belongs to another query; keep all other parameters as they were")
    values: list[Any] = orjson.loads(body[_DIGEST:])
    return values


def query_digest(*parts: Any) -> bytes:
    """Names a query by the ``repr`` of what it asks for."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).digest()[:_DIGEST]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(token: str) -> bytes:
    if len(token) > MAX_LENGTH:
        raise ValueError
    raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    if _encode(raw) != token:  # The decoder skips strange characters and spare bits.
        raise ValueError
    return raw


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SIGNATURE]


def _wrong(why: str) -> BadRequest:
    hint = "follow the link `next` of a page instead of writing a token"
    return BadRequest(f"token is not valid: {why}", parameter="token", hint=hint)
