"""Texts on their way into the database: digests, and limits of what is searched."""

import hashlib
from collections.abc import Iterable
from typing import Any

MAX_TITLE = 1000  # characters; what is beyond is served but not searched
MAX_TEXT = 100_000
MAX_KEYWORDS = 200


def etag_of(doc: str) -> str:
    """The ETag (unquoted) of a stored text: the same text, the same tag."""
    return hashlib.sha256(doc.encode()).hexdigest()[:32]


def plain(value: Any, limit: int = MAX_TEXT) -> str:
    """``value`` when it is text, without what PostgreSQL cannot take; else nothing."""
    if not isinstance(value, str):
        return ""
    short = value[:limit].replace("\0", "")
    return short if short.isascii() else short.encode("utf-8", "replace").decode()


def words(values: Any, limit: int = MAX_KEYWORDS) -> list[str]:
    """Those of ``values`` that are text, a short one each."""
    return [plain(one, MAX_KEYWORDS) for one in listed(values)[:limit] if isinstance(one, str)]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def joined(parts: Iterable[str]) -> str:
    return " ".join(filter(None, parts))[:MAX_TEXT]
