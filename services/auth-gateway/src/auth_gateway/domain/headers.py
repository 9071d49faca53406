"""Request headers: which are ambiguous, and which a service gets to see.

An allow-list in exact spelling: whatever claims an identity, an address or another method under any
spelling (``X-User``, ``x_user``, ``X.User``) is simply not on it. So are hop-by-hop headers.
"""

import re
from collections.abc import Iterable

from auth_gateway.domain.paths import Ambiguous

Headers = list[tuple[bytes, bytes]]

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
ONCE = (b"host", b"authorization", b"content-length", b"content-type", b"transfer-encoding")
FORWARDED = frozenset(
    b"""accept accept-crs accept-encoding accept-language accept-profile
    access-control-request-headers access-control-request-method cache-control content-crs
    content-digest content-disposition content-encoding content-language content-length
    content-type digest idempotency-key if-match if-modified-since if-none-match if-range
    if-unmodified-since last-event-id link origin prefer range repr-digest slug traceparent
    tracestate user-agent want-content-digest""".split()
)
HOP_BY_HOP = frozenset(
    b"""connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer
    trailers transfer-encoding upgrade""".split()
)
# The gateway's own server adds Date; services set no cookies on the origin that holds the session.
_NOT_ANSWERED = HOP_BY_HOP | {b"date", b"server", b"set-cookie", b"x-request-id", b"alt-svc"}
_HOST = re.compile(rb"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class HeadersTooLarge(Ambiguous):
    """More headers than anybody needs: 431."""


def check(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises Ambiguous for duplicates that readers resolve differently, and for a bad Host."""
    seen: dict[bytes, bytes] = {}
    size = count = 0
    for name, value in headers:
        count += 1
        size += len(name) + len(value)
        if name in seen and name in ONCE:
            raise Ambiguous(f"The header {name.decode()} was sent more than once")
        seen[name] = value
    if count > MAX_HEADERS or size > MAX_HEADER_BYTES:
        raise HeadersTooLarge(f"More than {MAX_HEADERS} headers, or {MAX_HEADER_BYTES} bytes")
    _check_framing(seen)


def _check_framing(seen: dict[bytes, bytes]) -> None:
    if not _HOST.fullmatch(seen.get(b"host", b"")):
        raise Ambiguous("The Host header is missing or malformed")
    length = seen.get(b"content-length")
    coding = seen.get(b"transfer-encoding")
    if coding is not None and coding.lower() != b"chunked":
        raise Ambiguous("The only transfer coding understood here is chunked")
    if length is not None and (coding is not None or not length.isdigit()):
        raise Ambiguous("The length of the body is ambiguous")


def forwarded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """What a service is told of the client's headers; raises Ambiguous when one is not text."""
    given = list(headers)
    dropped = _listed(given)
    kept = [(n, v) for n, v in given if n in FORWARDED and n not in dropped]
    try:
        return [(name.decode("ascii"), value.decode("utf-8")) for name, value in kept]
    except UnicodeDecodeError:
        raise Ambiguous("A header is neither ASCII nor UTF-8") from None


def answered(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """A service's headers as the client gets them."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = _NOT_ANSWERED | _listed(lowered)
    return [(name, value) for name, value in lowered if name not in dropped]


def _listed(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """Names that ``Connection`` makes hop-by-hop (RFC 9110 section 7.6.1); never its framing."""
    values = [value for name, value in headers if name == b"connection"]
    names = {part.strip().lower() for value in values for part in value.split(b",")}
    return names - {b"content-length", b"content-type"}


def get(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key == name), None)


def private(headers: Headers) -> Headers:
    """An answer that depends on who asked: no shared cache may keep it (RFC 9111 section 3)."""
    policy = b", ".join(value for name, value in headers if name == b"cache-control").lower()
    kept = [
        word.strip()
        for word in policy.split(b",")
        if word.strip() and word.strip() != b"public" and not word.strip().startswith(b"s-maxage")
    ]
    if b"no-store" not in kept and b"private" not in kept:
        kept.insert(0, b"private")
    others = [(name, value) for name, value in headers if name != b"cache-control"]
    extra = [(b"cache-control", b", ".join(kept)), (b"vary", b"Authorization, Cookie")]
    return others + extra


# Types that a browser would run or render as a document of this origin, where the session lives.
_DOCUMENTS = (b"text/html", b"application/xhtml", b"image/svg", b"text/xml", b"application/xml")
_SANDBOX = (
    b"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"
    b" frame-ancestors 'none'"
)


def contained(headers: Headers) -> Headers:
    """Whatever somebody submitted stays a document: no sniffing, no scripts in this origin."""
    kind = (get(headers, b"content-type") or b"text/html").lower()
    extra = [(b"x-content-type-options", b"nosniff")]
    if kind.startswith(_DOCUMENTS) and get(headers, b"content-security-policy") is None:
        extra.append((b"content-security-policy", _SANDBOX))
    return [h for h in headers if h[0] != b"x-content-type-options"] + extra
