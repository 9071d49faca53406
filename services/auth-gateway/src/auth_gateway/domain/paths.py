"""Judgement of the raw request target: what two readers could read differently is refused.

The policy, this gateway and the service behind it all look at the same bytes. A path is refused
when percent-decoding, dot segments (RFC 3986 section 5.2.4), matrix parameters or a second round of
decoding could make it another path for somebody.
"""

import re
import unicodedata

MAX_TARGET = 8192
_PLAIN = re.compile(rb"(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*)+/?|/")
_VISIBLE = re.compile(rb"[\x21-\x7e]*")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_HINTS = {
    "/": "write the slash as it is; where an id may hold slashes, they are part of the path",
    ".": "write the dot as it is",
}


class Ambiguous(ValueError):
    """Why a request is refused before anything else is asked; ``hint`` says how to mend it."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.hint = hint


class TooLong(Ambiguous):
    """The request target is longer than MAX_TARGET bytes."""


def judge(raw_path: bytes, query: bytes = b"") -> str:
    """The decoded path of an unambiguous target; raises Ambiguous, TooLong."""
    if len(raw_path) + len(query) > MAX_TARGET:
        raise TooLong(f"The address is longer than {MAX_TARGET} bytes")
    _check_query(query)
    if _PLAIN.fullmatch(raw_path):
        return raw_path.decode("ascii")
    return _decoded(_checked(raw_path))


def _check_query(query: bytes) -> None:
    if not _VISIBLE.fullmatch(query):
        raise Ambiguous("The query holds a byte that must be percent-encoded")
    if b"%00" in query:
        raise Ambiguous("A NUL character (%00) is never part of an address here")


def _checked(raw_path: bytes) -> str:
    if not raw_path.startswith(b"/"):
        raise Ambiguous("The path does not start with a slash")
    if not _VISIBLE.fullmatch(raw_path):
        raise Ambiguous("The path holds a byte that must be percent-encoded")
    text = raw_path.decode("ascii")
    for character, name in (("\\", "backslash"), (";", "semicolon"), ("#", "number sign")):
        if character in text:
            raise Ambiguous(f"The path holds a {name}")
    if "//" in text:
        raise Ambiguous("The path holds an empty segment (//)")
    if any(segment in (".", "..") for segment in text.split("/")):
        raise Ambiguous("The path holds a dot segment", "write the path it stands for")
    return text


def _decoded(text: str) -> str:
    found = bytearray()
    position = 0
    while (escape := text.find("%", position)) >= 0:
        found += text[position:escape].encode("ascii")
        found.append(_byte(text[escape : escape + 3]))
        position = escape + 3
    found += text[position:].encode("ascii")
    return _readable(bytes(found))


def _byte(escape: str) -> int:
    if not _ESCAPE.fullmatch(escape):
        raise Ambiguous("The path holds a percent sign that escapes nothing", "write %25")
    byte = int(escape[1:], 16)
    character = chr(byte)
    if character in "/\\.;":
        raise Ambiguous(
            f"The path holds an encoded {character!r} ({escape})", _HINTS.get(character)
        )
    if byte < 0x20 or byte == 0x7F:
        raise Ambiguous(f"The path holds an encoded control character ({escape})")
    return byte


def _readable(path: bytes) -> str:
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        raise Ambiguous("The path is not UTF-8 after percent-decoding") from None
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Ambiguous("The path holds an encoded control character")
    if _ESCAPE.search(text):
        raise Ambiguous("The path is percent-encoded twice")
    return text
