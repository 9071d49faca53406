"""Where the parts of a JSON text are, so that they can be cut out without touching a character.

Python's decoder finds where each value ends; the text must be valid JSON.
"""

import json
import re

_SPACE = re.compile(r"[ \t\n\r]*")
# Values are passed over, so numbers of any size may stay texts.
_decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
Span = tuple[int, int]


def fields(text: str, start: int) -> list[tuple[str, Span]]:
    """The members of the object at ``start`` of a valid JSON text: name, and where its value is."""
    found = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, at = _decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        _, at = _decode(text, value)
        found.append((name, (value, at)))
        at = _next(text, at)
    return found


def items(text: str, start: int) -> list[Span]:
    """Where the elements of the array at ``start`` of a valid JSON text are."""
    found = []
    at = _skip(text, start + 1)
    while text[at] != "]":
        value = at
        _, at = _decode(text, value)
        found.append((value, at))
        at = _next(text, at)
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _next(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def first(text: str) -> int:
    """Where the value of a JSON text begins."""
    return _skip(text, 0)
