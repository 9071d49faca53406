"""The one door for what strangers wrote: text and addresses that every format can hold."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from earthcode_common.ogc.datetimes import parse_instant
from earthcode_common.problems import BadRequest

# XML 1.0, section 2.2: what is not a Char; carriage returns would not survive parsing.
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN_PART = r"[A-Za-z0-9!$&'()*+,;=:@/~._-]*"
_USUAL = re.compile(
    rf"https?://[A-Za-z0-9.-]+(?:/{_PLAIN_PART})?(?:\?{_PLAIN_PART})?(?:#{_PLAIN_PART})?", re.ASCII
)
_PLAIN = "!$&'()*+,;=:@/~%"
_DATE = len("2020-01-01")
WEB = ("http", "https")
TOO_LONG = 8192


def text(value: Any) -> str:
    """Without characters that XML 1.0 does not know; empty for what is no text."""
    return _NOT_XML.sub("", value).strip() if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Those texts of a list that say something, each once; a text alone counts as a list."""
    listed = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(found for one in listed if (found := text(one))))


def mappings(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, dict)]


def iri(value: Any) -> str | None:
    """An absolute URI (RFC 3986) with all else percent-encoded; None for what is none."""
    if isinstance(value, str) and len(value) < TOO_LONG and _USUAL.fullmatch(value):
        return value  # nearly all of them
    written = text(value)
    if not written or len(written) > TOO_LONG:
        return None
    try:
        scheme, host, path, query, fragment = urlsplit(written)
        urlsplit(written).port  # noqa: B018 - it raises for what is no number
    except ValueError:
        return None
    if not _SCHEME.fullmatch(scheme) or (scheme in WEB and not host) or not (host or path):
        return None
    parts = (_encoded(host, "[]"), _encoded(path), _encoded(query, "?"), _encoded(fragment, "?"))
    return urlunsplit((scheme, *parts))


def _encoded(part: str, more: str = "") -> str:
    return quote(_PERCENT.sub("%25", part), safe=_PLAIN + more)


def web(value: Any) -> str | None:
    """An address that a browser opens."""
    found = iri(value)
    return found if found and found.partition(":")[0] in WEB else None


def media_type(value: Any) -> str | None:
    """``type/subtype`` without its parameters (RFC 6838, section 4.2)."""
    found = text(value).partition(";")[0].strip().lower()
    return found if _MEDIA.fullmatch(found) else None


def language(value: Any) -> str:
    """A BCP 47 tag from ``{"code"}`` (20-004r1) or text; English when none is said."""
    code = text(value.get("code") if isinstance(value, dict) else value)
    return code if _TAG.fullmatch(code) else "en"


def moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(f"{value}T00:00:00Z" if len(value) == _DATE else value, pointer="")
    except BadRequest:
        return None


def first(values: Iterable[str | None]) -> str | None:
    return next((one for one in values if one), None)
