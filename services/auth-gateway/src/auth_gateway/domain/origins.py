"""Where a request of a browser came from, and where a login may lead back to."""

import re
from urllib.parse import unquote, urlsplit


def same_origin(
    public_url: str, origin: bytes | None, fetch_site: bytes | None, referer: bytes | None = None
) -> bool:
    """Whether a write that carries the session cookie comes from our own pages (CSRF).

    ``Sec-Fetch-Site`` (Fetch Metadata) and ``Origin`` (Fetch) are set by the browser, never by a
    page; a browser that sends neither is asked for its ``Referer``. Nothing at all is a no.
    """
    if fetch_site is not None and fetch_site not in (b"same-origin", b"none"):
        return False
    if origin is not None:
        return origin.decode("latin-1") == origin_of(public_url)
    if fetch_site is not None:
        return True
    return referer is not None and origin_of(referer.decode("latin-1")) == origin_of(public_url)


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of an address, as browsers spell it; empty when there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


# Where a login would begin again, or end what has just begun.
_NOWHERE = ("/auth/login", "/auth/logout", "/auth/callback")
# A path of this site: one slash, then nothing a browser could take for another host.
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*")


def safe_next(target: str | None) -> str:
    """``target`` when it is plainly a path of this site, else ``/`` (open redirects)."""
    if not target or len(target) > 2000 or not _LOCAL.fullmatch(target):
        return "/"
    path = unquote(unquote(target.split("?", 1)[0]))
    if any(ord(c) < 0x21 or c in "\\\x7f" for c in path) or "//" in path or "/.." in path:
        return "/"
    return "/" if "\\" in target or target.startswith(_NOWHERE) else target
