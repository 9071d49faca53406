"""CQL2 text and JSON to an expression."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cql2
import orjson

from earthcode_common.ogc.cql2.conditions import condition
from earthcode_common.ogc.cql2.guard import MAX_JSON_TEXT, Refused, check_json, check_text
from earthcode_common.ogc.cql2.nodes import Condition
from earthcode_common.ogc.cql2.spelling import spelled
from earthcode_common.problems import BadRequest

TEXT, JSON = "cql2-text", "cql2-json"
_PLACE = re.compile(r"--> \d+:(\d+)")


@dataclass(frozen=True, slots=True)
class Expression:
    """``json`` is CQL2 JSON; ``pointer`` is where it stood in a body (None: a parameter)."""

    root: Condition
    json: Any
    pointer: str | None = None

    def text(self) -> str:
        """CQL2 text, for links."""
        return cql2.Expr(self.json).to_text()

    def refused(self, error: Refused) -> BadRequest:
        return _refused(error, self.pointer)


def parse(
    source: str | Mapping[str, Any] | bool, lang: str = TEXT, *, pointer: str | None = None
) -> Expression:
    """``source`` is text in ``lang`` (cql2-text or cql2-json), or CQL2 JSON already decoded.

    Raises BadRequest naming the parameter ``filter``, or ``pointer`` (the place of the filter in a
    body) and what follows it.
    """
    try:
        json = _decoded(source, lang)
        return Expression(condition(json), json, pointer)
    except Refused as error:
        raise _refused(error, pointer) from None


def _refused(error: Refused, pointer: str | None) -> BadRequest:
    detail = f"filter is not understood: {error.reason}"
    if pointer is not None:
        return BadRequest(detail, pointer=pointer + error.at)
    return BadRequest(detail, parameter="filter")


def _decoded(source: Any, lang: str) -> Any:
    if lang not in (TEXT, JSON):
        raise BadRequest(
            f"filter-lang {ascii(lang)[:40]} is not one of {TEXT}, {JSON}", parameter="filter-lang"
        )
    if isinstance(source, str):
        return _from_text(source) if lang == TEXT else _from_json(source)
    check_json(source)
    return source


def _from_json(source: str) -> Any:
    if len(source) > MAX_JSON_TEXT:
        raise Refused(f"it is longer than {MAX_JSON_TEXT} bytes")
    try:
        found = orjson.loads(source)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Refused(f"it is not JSON: {error}") from None
    check_json(found)
    return found


def _from_text(source: str) -> Any:
    text = spelled(check_text(source))
    if not text.strip():
        raise Refused("it is empty")
    try:
        found = cql2.parse_text(text).to_json()
    except Exception as error:
        raise Refused(_reason(text, str(error))) from None
    check_json(found)
    return found


def _reason(text: str, message: str) -> str:
    place = _PLACE.search(message)
    if not place:
        return " ".join(message.split())[:200]
    column = int(place[1]) - 1
    rest = text[column:].split("\n")[0][:30]
    if not rest.strip():
        return "it ends too early"
    return f"{rest!a} at character {column + 1} does not belong there"
