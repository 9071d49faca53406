"""JSON texts, read strictly: what is stored as it was submitted must be readable by everyone."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

MAX_DEPTH = 64
MAX_VALUES = 200_000
MAX_DIGITS = 400
MAX_NUMBER = sys.float_info.max
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A value's place: its container's place and its name or index there; a pointer only when asked for,
# since building one for each of many values would cost the product of their lengths.
Path: TypeAlias = "tuple[Path, str | int] | None"


class Malformed(ValueError):
    """Text that is not JSON (RFC 8259); says where."""

    def __init__(self, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint


class Repeating(dict[str, Any]):
    """An object that holds the same name twice (the last value counts)."""

    repeated: list[str]


@dataclass(frozen=True)
class Document:
    """A JSON text with its value."""

    text: str
    value: Any
    repeats: bool = False

    @property
    def repeated_at(self) -> Iterator[Path]:
        """Where a name is repeated."""
        if self.repeats:
            for path, value in walk(self.value):
                if isinstance(value, Repeating):
                    yield from ((path, name) for name in value.repeated)


def read(text: str) -> Document:
    """Raises Malformed for what is not JSON, not UTF-8 when written out, too deep or too large."""
    found: list[Repeating] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        if len(value) != len(members):
            value = _repeating(members)
            found.append(value)
        return value

    _check_text(text)
    value = _load(text, _decoder(pairs))
    _check_size(value)
    return Document(text, value, bool(found))


def _repeating(members: list[tuple[str, Any]]) -> Repeating:
    value = Repeating(members)
    counts = Counter(name for name, _ in members)
    value.repeated = [name for name, count in counts.items() if count > 1]
    return value


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


def _check_size(value: Any) -> None:
    """Depth and number of values, level by level, so that nothing here recurses."""
    level, levels, values = [value], 1, 1
    while level := [child for node in level for child in _children(node)]:
        levels += 1
        values += len(level)
        if levels > MAX_DEPTH:
            raise Malformed(f"it is nested more than {MAX_DEPTH} levels deep", "flatten it")
        if values > MAX_VALUES:
            raise Malformed(f"it holds more than {MAX_VALUES} values", "data belong elsewhere")


def _children(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def walk(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value inside (and with) this one, with its path."""
    waiting: list[tuple[Path, Any]] = [(None, value)]
    while waiting:
        path, found = waiting.pop()
        yield path, found
        if isinstance(found, dict):
            waiting += [((path, name), child) for name, child in reversed(found.items())]
        elif isinstance(found, list):
            waiting += [((path, i), found[i]) for i in range(len(found) - 1, -1, -1)]


def beyond(value: Any) -> Iterator[Path]:
    """Where numbers are that no reader can be trusted with: beyond IEEE 754 double precision."""
    return (path for path, found in walk(value) if is_beyond(found))


def is_beyond(value: Any) -> bool:
    return isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER


def pointer(path: Path) -> str:
    """The path as a JSON pointer (RFC 6901)."""
    tokens = []
    while path is not None:
        path, token = path
        tokens.append(escape(token) if isinstance(token, str) else str(token))
    return "".join(f"/{token}" for token in reversed(tokens))


def escape(name: str) -> str:
    """A name as one token of a JSON pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
