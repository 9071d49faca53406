"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): the same request, done once.

The answer is stored in the transaction that does the work; a repeat gets the stored answer, and
the same key with another body is refused. Keys belong to a principal and a route.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from starlette.requests import Request
from starlette.responses import Response

from earthcode_common.db import WriteSession
from earthcode_common.problems import BadRequest, Unprocessable

KEPT_HEADERS = ("location", "etag", "content-type")

idempotency = sa.table(
    "idempotency",
    sa.column("principal", sa.Text),
    sa.column("route", sa.Text),
    sa.column("key", sa.Text),
    sa.column("digest", sa.Text),
    sa.column("status", sa.Integer),
    sa.column("headers", JSONB),
    sa.column("body", sa.LargeBinary),
)


async def replay(session: WriteSession, request: Request, who: str, body: bytes) -> Response | None:
    """The stored answer to this key, or None when the work is still to be done.

    Takes a lock for the rest of the transaction, so a concurrent twin waits and then is replayed.
    Raises BadRequest (unusable key) or Unprocessable (key used for another body).
    """
    key = _key(request)
    if key is None:
        return None
    lock = sa.func.hashtextextended(f"{who}\n{request.url.path}\n{key}", 7)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    query = sa.select(idempotency).where(
        idempotency.c.principal == who,
        idempotency.c.route == request.url.path,
        idempotency.c.key == key,
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    if row.digest != _digest(body):
        raise Unprocessable("This Idempotency-Key was used for another request; take a new one")
    headers = row.headers | {"Idempotency-Replayed": "true"}
    return Response(bytes(row.body), row.status, headers=headers)


async def remember(
    session: WriteSession, request: Request, who: str, body: bytes, response: Response
) -> None:
    key = _key(request)
    if key is None:
        return
    row: dict[str, Any] = {
        "principal": who,
        "route": request.url.path,
        "key": key,
        "digest": _digest(body),
        "status": response.status_code,
        "headers": {k: response.headers[k] for k in KEPT_HEADERS if k in response.headers},
        "body": bytes(response.body),
    }
    await session.execute(sa.insert(idempotency).values(**row))


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= 255 and key.isprintable() and key.isascii()):
        raise BadRequest(
            "An Idempotency-Key is 1 to 255 printable ASCII characters",
            parameter="Idempotency-Key",
        )
    return key


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
