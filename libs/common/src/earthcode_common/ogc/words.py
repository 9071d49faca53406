"""Words for free text search: what is indexed and what is asked go through the same folding.

Case and accents are folded and everything that is neither letter nor digit separates, so no text
can be an operator. There is no stemming; the last word of a phrase matches as a prefix instead.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
_COUNTS = [struct.pack(">xH", length // 2) for length in range(2 * MAX_PLACES + 1)]
_WEIGHTS = "DCBA"
_PLACE = (1 << 14) - 1
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_ASCII = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)}
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"}
)


def words(text: str) -> list[str]:
    found = _split(text[:MAX_TEXT])
    return found if len(text) <= MAX_WORD else [word[:MAX_WORD] for word in found]


def _split(text: str) -> list[str]:
    if text.isascii():
        return text.translate(_ASCII).split()  # the same, and much faster
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _WORD.findall(plain.casefold().translate(_LETTERS))


def vector(title: str, keywords: Iterable[str], text: str) -> str:
    """A ``tsvector`` in text form: title has weight A, keywords B, text C."""
    found = places(title, keywords, text)
    return " ".join(f"{word}:{_named(at)}" for word, at in found.items())


def _named(at: bytes) -> str:
    numbers = struct.unpack(f">{len(at) // 2}H", at)
    return ",".join(f"{place & _PLACE}{_WEIGHTS[place >> 14]}" for place in numbers)


def packed_vector(title: str, keywords: Iterable[str], text: str) -> bytes:
    """The same in binary form, as PostgreSQL's ``tsvectorrecv`` takes it."""
    found = places(title, keywords, text)
    lexemes = [word.encode() + _COUNTS[len(at)] + at for word, at in found.items()]
    return struct.pack(">i", len(lexemes)) + b"".join(lexemes)


def places(title: str, keywords: Iterable[str], text: str) -> dict[str, bytes]:
    """Where each word stands: two bytes a place, of which the first two bits are the weight."""
    found: dict[str, bytes] = {}
    start = 0
    for weight, phrases in (("A", [title]), ("B", keywords), ("C", [text])):
        start = _place(found, weight, phrases, start)
    few = len(found) * MAX_WORD * 4 <= MAX_BYTES and start <= MAX_PLACES
    return found if few else dict(_within(found, MAX_BYTES))


def _within(found: dict[str, bytes], budget: int) -> Iterator[tuple[str, bytes]]:
    for word, at in found.items():
        budget -= len(word.encode()) + len(at)
        if budget < 0:
            return
        yield word, at[: 2 * MAX_PLACES]


def _place(found: dict[str, bytes], weight: str, phrases: Iterable[str], start: int) -> int:
    limit = start + LIMITS[weight]
    mark = _WEIGHTS.index(weight) << 14
    for phrase in phrases:
        known = words(phrase)[: limit - start]
        for place, word in enumerate(known, mark + start + 1):
            at = place.to_bytes(2, "big")
            found[word] = found[word] + at if word in found else at
        start += len(known)
        if start >= limit:
            return start
        start += 1  # A phrase does not go on from one keyword, or from the title, to the next.
    return start


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
