"""Query parameters: known ones, each at most once, as a query of the search store.

Every function here raises BadRequest that names the parameter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from earthcode_common.ogc.bbox import parse_bbox
from earthcode_common.ogc.datetimes import parse_interval
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest
from fastapi import Request

from records_api import store

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_OFFSET = 10_000
MAX_VALUES = 1000
FORMATS = ("json",)
ITEMS = (
    *("bbox", "datetime", "q", "type", "ids", "externalIds"),
    *("limit", "offset", "token", "f"),
)


def known(request: Request, *names: str) -> Mapping[str, str]:
    """The parameters given; ``f`` is known everywhere."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names and name != "f":
            hint = f"known here: {', '.join(sorted({*names, 'f'}))}"
            raise BadRequest(f"The parameter {name!a} is not known", parameter=name, hint=hint)
        if name in given:
            raise BadRequest(f"The parameter {name} is given twice", parameter=name)
        given[name] = value
    if given.get("f", "json") not in FORMATS:
        raise BadRequest(f"f={given['f'][:40]!a} is not a format here: it is json", parameter="f")
    return given


def item_query(given: Mapping[str, str], kind: str) -> Query:
    """Records without geometry or time match every bbox and datetime (Features Part 1, 7.15)."""
    conditions = [
        _condition(given, "type", store.of_type),
        _condition(given, "externalIds", store.of_external_id),
    ]
    asked = [one for one in conditions if one is not None]
    return Query(
        parts=[kind],
        ids=_values(given, "ids"),
        bbox=parse_bbox(given["bbox"]) if "bbox" in given else None,
        interval=parse_interval(given["datetime"], dates=True) if "datetime" in given else None,
        q=_phrases(given.get("q")),
        where=sa.and_(*asked) if asked else None,
        limit=min(_number(given, "limit", 1, DEFAULT_LIMIT), MAX_LIMIT),
        offset=_offset(given),
        token=given.get("token"),
        match_missing=True,
    )


def _condition(
    given: Mapping[str, str], name: str, make: Callable[[Sequence[str]], Any]
) -> sa.ColumnElement[bool] | None:
    values = _values(given, name)
    return None if values is None else make(values)


def _values(given: Mapping[str, str], name: str) -> list[str] | None:
    if name not in given:
        return None
    values = list(dict.fromkeys(one.strip() for one in given[name].split(",")))
    values = [one for one in values if one]
    if len(values) > MAX_VALUES:
        raise BadRequest(f"{name} has {len(values)} values; at most {MAX_VALUES}", parameter=name)
    return values


def _phrases(text: str | None) -> list[str] | None:
    """Commas separate alternatives; the words of one must follow one another."""
    phrases = [one for one in (text or "").split(",") if one.strip()]
    return phrases or None


def _number(given: Mapping[str, str], name: str, least: int, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < least:
        raise BadRequest(f"{name} is a whole number, at least {least}", parameter=name)
    return int(text)


def _offset(given: Mapping[str, str]) -> int:
    offset = _number(given, "offset", 0, 0)
    if offset and "token" in given:
        raise BadRequest("offset and token exclude each other", parameter="offset")
    if offset > MAX_OFFSET:
        hint = "follow the link `next` of each page instead"
        raise BadRequest(f"offset is at most {MAX_OFFSET}", parameter="offset", hint=hint)
    return offset
