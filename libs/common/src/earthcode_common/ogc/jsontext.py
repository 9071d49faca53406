"""JSON as text: documents are taken apart and put together again without being written anew.

What is not touched keeps its digits, escapes and order of keys; only white space is dropped.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from earthcode_common.problems import BadRequest

MAX_DEPTH = 64
MAX_DIGITS = 400
MAX_NUMBER = sys.float_info.max
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


class Value(NamedTuple):
    """A parsed value and the text it was parsed from."""

    value: Any
    text: str


def _not_json(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _integer(digits: str) -> int | float:
    """Beyond any client's numbers it is infinite: Python refuses to read thousands of digits."""
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


class Repeating(dict[str, Any]):
    """An object that holds a name twice (the last value counts)."""

    repeated: list[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    found = Repeating(value)
    found.repeated = [name for name, count in Counter(n for n, _ in pairs).items() if count > 1]
    return found


# Not strict: stored texts hold BASE, a control character, where the public address goes.
_decoder = json.JSONDecoder(parse_constant=_not_json, parse_int=_integer, strict=False)
_careful = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_not_json, parse_int=_integer)


def parse(text: str | bytes) -> Value:
    """Raises BadRequest for text that is not JSON (RFC 8259), or nested beyond reason.

    ``flaws`` finds names that an object holds twice.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = _careful.decode(text)
    except RecursionError:
        raise BadRequest(f"The JSON is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    return Value(value, compact(text))


def compact(text: str) -> str:
    return _STRING_OR_SPACE.sub(r"\1", text)


def members(text: str) -> dict[str, Value]:
    """The members of the object in ``text``, which must be JSON; the last of equal keys counts."""
    return dict(_split(text, "{"))


def elements(text: str) -> list[Value]:
    """The elements of the array in ``text``, which must be JSON."""
    return [value for _, value in _split(text, "[")]


def _split(text: str, opening: str) -> Iterator[tuple[str, Value]]:
    place = _skip(text, 0)
    if text[place] != opening:
        raise ValueError(f"the text does not start with {opening}")
    place = _skip(text, place + 1)
    key = ""
    while text[place] not in "}]":
        if opening == "{":
            key, place = _decoder.raw_decode(text, place)
            place = _skip(text, _skip(text, place) + 1)
        value, end = _decoder.raw_decode(text, place)
        yield key, Value(value, text[place:end])
        place = _skip(text, end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def join(parts: Mapping[str, str]) -> str:
    """An object of member texts."""
    return "{" + ",".join(f"{dump(key)}:{text}" for key, text in parts.items()) + "}"


def array(texts: Iterable[str]) -> str:
    return "[" + ",".join(texts) + "]"


def dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _encodable(text) else json.dumps(value, separators=(",", ":"))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def flaws(value: Any, pointer: str = "") -> list[tuple[str, str]]:
    """What no client could take: (JSON pointer, reason); at most ten."""
    found: list[tuple[str, str]] = []
    waiting = [(value, pointer, 0)]
    while waiting and len(found) < 10:
        here, path, depth = waiting.pop()
        if depth > MAX_DEPTH:
            found.append((path, f"is nested deeper than {MAX_DEPTH} levels"))
        elif isinstance(here, dict):
            repeated = here.repeated if isinstance(here, Repeating) else ()
            found += [(f"{path}/{escape(k)}", "is given twice") for k in repeated]
            found += [(path, "has a key that is not text") for key in here if _bad_text(key)]
            waiting += [(v, f"{path}/{escape(k)}", depth + 1) for k, v in here.items()]
        elif isinstance(here, list):
            waiting += [(v, f"{path}/{n}", depth + 1) for n, v in enumerate(here)]
        elif isinstance(here, str) and _bad_text(here):
            found.append((path, "holds a NUL character or half a character (lone surrogate)"))
        elif is_beyond(here):
            found.append((path, "is a number too large for any client"))
    return found


def check_numbers(value: Any) -> None:
    """Raises ValueError for a number that clients stumble over: nothing that holds it is served."""
    waiting = [(value, "")]
    while waiting:
        here, path = waiting.pop()
        if isinstance(here, dict):
            waiting += [(v, f"{path}/{escape(k)}") for k, v in here.items()]
        elif isinstance(here, list):
            waiting += [(v, f"{path}/{n}") for n, v in enumerate(here)]
        elif is_beyond(here):
            raise ValueError(f"{path[:200]} is a number too large for any client")


def is_beyond(value: Any) -> bool:
    """Whether it is a number beyond double precision (IEEE 754), which not all clients can read."""
    return isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER


def _bad_text(text: str) -> bool:
    return "\0" in text or not _encodable(text)


def escape(token: str) -> str:
    """A reference token of a JSON pointer (RFC 6901 section 4); half a character is spelled out."""
    if not token.isascii():
        token = token.encode("utf-8", "backslashreplace").decode()
    return token.replace("~", "~0").replace("/", "~1")
