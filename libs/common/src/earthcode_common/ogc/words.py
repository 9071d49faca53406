"""Words for free text search: what is indexed and what is asked go through the same folding.

Case and accents are folded and everything that is neither letter nor digit separates, so no text
can be an operator. There is no stemming; the last word of a phrase matches as a prefix instead.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

from earthcode_common.problems import BadRequest

MAX_WORD = 100
MAX_TEXT = 200_000
MAX_BYTES = 600_000  # A tsvector holds 1 MB.
MAX_PHRASES = 32
MAX_PHRASE_WORDS = 32
LIMITS = {"A": 1000, "B": 3000, "C": 12000}  # PostgreSQL knows positions up to 16383
OR, THEN, BEGINS = " | ", " <-> ", ":*"  # of a query
MAX_PLACES = 255  # of one word, in a tsvector
_WEIGHTS = "DCBA"
_PLACE = (1 << 14) - 1
_COUNTS = [struct.pack(">xH", number) for number in range(MAX_PLACES + 1)]
_ONCE = {  # what follows a word that is at one place (see ``places``), by that place
    weight: [
        _COUNTS[1] + struct.pack(">H", _WEIGHTS.index(weight) << 14 | place)
        for place in range(sum(LIMITS.values()) + len(LIMITS))
    ]
    for weight in LIMITS
}
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_ASCII = bytes(ord(chr(n).lower()) if n < 128 and chr(n).isalnum() else 32 for n in range(256))
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"}
)


def words(text: str) -> list[str]:
    return [word.decode() for word in _encoded(text)]


def _encoded(text: str) -> list[bytes]:
    text = text[:MAX_TEXT]
    if text.isascii():
        found = text.encode().translate(_ASCII).split()  # the same as below, and much faster
        short = len(text) <= MAX_WORD or max(map(len, found), default=0) <= MAX_WORD
        return found if short else [word[:MAX_WORD] for word in found]
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return [
        word[:MAX_WORD].encode() for word in _WORD.findall(plain.casefold().translate(_LETTERS))
    ]


def vector(title: str, keywords: Iterable[str], text: str) -> str:
    """A ``tsvector`` in text form: title has weight A, keywords B, text C."""
    found = places(title, keywords, text)
    return " ".join(f"{word.decode()}:{_named(at)}" for word, at in found.items())


def _named(at: bytes) -> str:
    numbers = struct.unpack(f">xH{len(at) // 2 - 1}H", at)[1:]
    return ",".join(f"{place & _PLACE}{_WEIGHTS[place >> 14]}" for place in numbers)


def packed_vector(title: str, keywords: Iterable[str], text: str) -> bytes:
    """The same in binary form, as PostgreSQL's ``tsvectorrecv`` takes it."""
    found = places(title, keywords, text)
    return struct.pack(">i", len(found)) + b"".join(chain.from_iterable(found.items()))


def places(title: str, keywords: Iterable[str], text: str) -> dict[bytes, bytes]:
    """Where each word stands: NUL, how many places, and these; two bytes each.

    The first two bits of a place are the weight.
    """
    found: dict[bytes, bytes] = {}
    for word, once in zip(*_placed(title, keywords, text), strict=True):
        found[word] = _with(found[word], once) if word in found else once
    return found if len(found) * MAX_WORD * 4 <= MAX_BYTES else dict(_within(found, MAX_BYTES))


def _placed(title: str, keywords: Iterable[str], text: str) -> tuple[list[bytes], list[bytes]]:
    """The words one after the other, and of each its place."""
    known: list[bytes] = []
    once: list[bytes] = []
    start = 0
    for weight, phrases in (("A", (title,)), ("B", keywords), ("C", (text,))):
        limit = start + LIMITS[weight]
        for phrase in phrases:
            known += _encoded(phrase)[: limit - start]
            end = start + len(known) - len(once)
            once += _ONCE[weight][start + 1 : end + 1]
            start = end
            if start >= limit:
                break
            start += 1  # A phrase does not go on from one keyword, or the title, to the next.
    return known, once


def _within(found: dict[bytes, bytes], budget: int) -> Iterator[tuple[bytes, bytes]]:
    for word, at in found.items():
        budget -= len(word) + len(at)
        if budget < 0:
            return
        yield word, at


def _with(at: bytes, once: bytes) -> bytes:
    both = at[3:] + once[3:]
    return _COUNTS[len(both) // 2] + both if len(both) <= 2 * MAX_PLACES else at


def query(phrases: Sequence[str], weight: Literal["", "A", "B", "C"] = "") -> str | None:
    """A ``tsquery`` in text form for any of the phrases; None when no word is left of them.

    Words of a phrase must follow one another; the last one matches as a prefix. ``weight`` looks
    only into the title (A), the keywords (B) or the text (C). Raises BadRequest for more than 32
    phrases or 32 words in one.
    """
    parts = [words(phrase) for phrase in phrases]
    if len(parts) > MAX_PHRASES or any(len(part) > MAX_PHRASE_WORDS for part in parts):
        limits = f"at most {MAX_PHRASES} phrases of at most {MAX_PHRASE_WORDS} words"
        raise BadRequest(f"q is not valid: it has {limits}", parameter="q")
    mark = f":{weight}" if weight else ""
    terms = [
        THEN.join([*(f"{word}{mark}" for word in part[:-1]), f"{part[-1]}{BEGINS}{weight}"])
        for part in parts
        if part
    ]
    return OR.join(f"({term})" for term in terms) or None
