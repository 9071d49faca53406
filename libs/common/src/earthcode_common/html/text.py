"""Text that others wrote, made safe for a page: what is not a web address never becomes a link."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

WEB = ("http", "https", "ftp", "mailto")
OF_OTHERS = ("s3", "gs", "abfs", "ftps", "sftp", "ssh", "git", "doi", "hdl", "ark", "urn")
SCHEMES = frozenset((*WEB, *OF_OTHERS))
_LINK = re.compile(
    r"\[([^\]\n]{1,300})\]\((https?://[^\s()<>]{1,2000})\)|(https?://[^\s<>\"']{1,2000})"
)
_BULLET = re.compile(r"^\s*[-*+]\s+")


def is_address(href: Any) -> bool:
    """Whether a link may lead there; ``javascript:`` and its kin are not addresses."""
    if not isinstance(href, str) or any(ord(sign) <= 0x20 for sign in href):
        return False
    try:
        return urlsplit(href).scheme.lower() in SCHEMES
    except ValueError:
        return False


def prose(text: Any) -> Markup:
    """Paragraphs, lists and links of a CommonMark text; all else of it stays as it was typed."""
    if not isinstance(text, str):
        return Markup("")
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> Markup:
    lines = block.split("\n")
    if all(_BULLET.match(line) for line in lines):
        items = (_linked(_BULLET.sub("", line)) for line in lines)
        return Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(one) for one in items)
        )
    return Markup("<p>{}</p>").format(_linked(block.lstrip("# ")))


def _linked(text: str) -> Markup:
    made, place = Markup(""), 0
    for found in _LINK.finditer(text):
        name, href, bare = found.groups()
        href = href or bare.rstrip(".,;:!?)")
        end = found.end() if name else found.start() + len(href)
        made += escape(text[place : found.start()]) + anchor(href, name or href)
        place = end
    return made + escape(text[place:])


def anchor(href: str, name: str) -> Markup:
    if not is_address(href):
        return Markup("{} <code>{}</code>").format(name if name != href else "", href)
    return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(href, name)


def plain(text: Any, limit: int = 240) -> str:
    """The beginning of a text, for a list."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + " …"


def day(moment: Any) -> str:
    """A date, with the time of day when there is one that says something."""
    try:
        found = datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        return moment if isinstance(moment, str) else ""
    return f"{found:%Y-%m-%d}" if (found.hour, found.minute) in ((0, 0), (23, 59)) else (
        f"{found:%Y-%m-%d %H:%M}"
    )  # fmt: skip


def span(interval: Any) -> str:
    """A temporal interval [start, end], either of them None when open."""
    if not isinstance(interval, list | tuple) or len(interval) != 2:
        return ""
    start, end = (day(one) for one in interval)
    if not start and not end:
        return "any time"
    if start == end:
        return start
    return f"{start} to {end}" if start and end else f"since {start}" if start else f"until {end}"
