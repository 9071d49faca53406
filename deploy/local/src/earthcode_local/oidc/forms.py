"""Parameters of a request, each at most once (RFC 6749 section 3.1)."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from earthcode_local.oidc.errors import OAuthError

LIMIT = 64 * 1024


def query_of(request: Request) -> dict[str, str]:
    return once(parse_qsl(request.url.query, keep_blank_values=True))


async def form_of(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "send application/x-www-form-urlencoded", 415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise OAuthError("invalid_request", "the request is too large", 413)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise OAuthError("invalid_request", "the form cannot be read") from error
    return once(pairs)


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise OAuthError("invalid_request", f"{name[:40]} is given twice")
        found[name] = value
    return found
