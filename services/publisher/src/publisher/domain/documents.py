"""JSON texts: read strictly, and cut without touching a character.

A document is kept as it was submitted (key order, number spelling, white space). Python's decoder
finds where each value ends; the text between is the document.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MAX_DEPTH = 64
MAX_DIGITS = 400
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\n\r]*")


class Malformed(ValueError):
    """Text that is not JSON (RFC 8259); says where."""

    def __init__(self, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint


@dataclass(frozen=True)
class Document:
    """A JSON text with its value, and the names that some object in it holds twice."""

    text: str
    value: Any
    repeated: tuple[str, ...] = ()

    @cached_property
    def repeated_at(self) -> list[str]:
        """JSON pointers of the repeated names."""
        return list(_repeated(self.text, 0, "")) if self.repeated else []


def read(text: str) -> Document:
    """Raises Malformed for what is not JSON, not UTF-8 when written out, or nested too deeply."""
    repeated: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(found)
        if len(value) != len(found):
            names = [name for name, _ in found]
            repeated.extend(name for name in value if names.count(name) > 1)
        return value

    _check_text(text)
    value = _load(text, _decoder(pairs))
    if depth(value) > MAX_DEPTH:
        raise Malformed(f"it is nested more than {MAX_DEPTH} levels deep", "flatten it")
    return Document(text, value, tuple(repeated))


def load(text: str) -> Any:
    """The value of a JSON text. Raises Malformed."""
    return _load(text, _plain)


def storable(text: str) -> bool:
    """Whether PostgreSQL and JSON can hold the text: no NUL, no halves of surrogate pairs."""
    return _UNSTORABLE.search(text) is None


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed(f"character {error.start} is half of a surrogate pair") from error


def _load(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"it is not JSON: {error.msg} at {place}", f"look at {place}") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply", f"at most {MAX_DEPTH} levels") from error
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from error


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _decoder(pairs: Any = None) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_constant=_constant, parse_int=_integer, strict=True
    )


_plain = _decoder()


def depth(value: Any) -> int:
    """How many containers lie around the innermost value."""
    deepest, level = 0, [value]
    while level := [child for node in level for child in _children(node)]:
        deepest += 1
        if deepest > MAX_DEPTH:
            break
    return deepest


def _children(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every value below (and with) this one, with its JSON pointer; depth must be limited."""
    yield pointer, value
    if isinstance(value, dict):
        for name, child in value.items():
            yield from walk(child, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from walk(child, f"{pointer}/{index}")


def escape(name: str) -> str:
    """A name as one token of a JSON pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


Span = tuple[int, int]


def fields(text: str, start: int) -> list[tuple[str, Span]]:
    """The members of the object at ``start`` of a valid JSON text: name, and where its value is."""
    found = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, at = _plain.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        _, at = _plain.raw_decode(text, value)
        found.append((name, (value, at)))
        at = _next(text, at)
    return found


def items(text: str, start: int) -> list[Span]:
    """Where the elements of the array at ``start`` of a valid JSON text are."""
    found = []
    at = _skip(text, start + 1)
    while text[at] != "]":
        value = at
        _, at = _plain.raw_decode(text, value)
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


def _repeated(text: str, start: int, pointer: str) -> Iterator[str]:
    start = _skip(text, start)
    if text[start] == "{":
        found = fields(text, start)
        names = [name for name, _ in found]
        yield from (f"{pointer}/{escape(n)}" for n in dict.fromkeys(names) if names.count(n) > 1)
        for name, (at, _) in found:
            yield from _repeated(text, at, f"{pointer}/{escape(name)}")
    elif text[start] == "[":
        for index, (at, _) in enumerate(items(text, start)):
            yield from _repeated(text, at, f"{pointer}/{index}")
