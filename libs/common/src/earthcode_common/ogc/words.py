"""Words for free text search: what is indexed and what is asked go through the same folding.

Case and accents are folded and everything that is neither letter nor digit separates, so no text
can be an operator. There is no stemming; the last word of a phrase matches as a prefix instead.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

from earthcode_common.problems import BadRequest

MAX_WORD = 100
MAX_TEXT = 200_000
MAX_BYTES = 600_000  # A tsvector holds 1 MB.
MAX_PHRASES = 32
MAX_PHRASE_WORDS = 32
LIMITS = {"A": 1000, "B": 3000, "C": 12000}  # PostgreSQL knows positions up to 16383
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"}
)


def words(text: str) -> list[str]:
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text[:MAX_TEXT]))
    folded = plain.casefold().translate(_LETTERS)
    return [word[:MAX_WORD] for word in _WORD.findall(folded)]


def vector(title: str, keywords: Iterable[str], text: str) -> str:
    """A ``tsvector`` in text form: title has weight A, keywords B, text C."""
    places: dict[str, list[str]] = {}
    start = 0
    for weight, phrases in (("A", [title]), ("B", keywords), ("C", [text])):
        start = _place(places, weight, phrases, start)
    return " ".join(_within(places, MAX_BYTES))


def _within(places: dict[str, list[str]], budget: int) -> Iterable[str]:
    for word, found in places.items():
        budget -= len(word.encode()) + 2 * len(found)
        if budget < 0:
            return
        yield f"{word}:{','.join(found[:255])}"


def _place(places: dict[str, list[str]], weight: str, phrases: Iterable[str], start: int) -> int:
    limit = start + LIMITS[weight]
    for phrase in phrases:
        for word in words(phrase):
            if start >= limit:
                return start
            start += 1
            places.setdefault(word, []).append(f"{start}{weight}")
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
        " <-> ".join([*(f"{word}{mark}" for word in part[:-1]), f"{part[-1]}:*{weight}"])
        for part in parts
        if part
    ]
    return " | ".join(f"({term})" for term in terms) or None
