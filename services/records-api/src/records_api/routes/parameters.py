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
from records_api.domain.queryables import DEFAULT_ORDER, KNOWN, UNASKED, parse_sortby, store_keys

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_OFFSET = 10_000
MAX_VALUES = 1000
MAX_TYPE = 64
FILTERS = ("filter", "filter-lang", "filter-crs")
SEARCH = (
    *("bbox", "datetime", "q", "type", "ids", "externalIds", "match-missing"),
    *FILTERS,
    *("sortby", "limit"),
)
ITEMS = (*SEARCH, "offset", "token", "facets")
EVERYWHERE = ("f", "profile")
# Properties that are parameters too: prop=value (19-079r2, queryables as query parameters).
PROPERTIES = tuple(name for name in KNOWN if name not in UNASKED)
SWITCH = {"true": True, "false": False}


def known(request: Request, *names: str) -> Mapping[str, str]:
    """The parameters given; ``f`` and ``profile`` are known everywhere."""
    given = once(request)
    for name in given:
        if name not in names:
            raise unknown(name, names)
    return given


def once(request: Request) -> dict[str, str]:
    """All parameters but ``f`` and ``profile``, which are never wrong here."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name == "profile":
            continue
        if name in given:
            raise BadRequest(f"The parameter {name!a} is given twice", parameter=name)
        given[name] = value
    given.pop("f", None)
    return given


def unknown(name: str, names: Sequence[str]) -> BadRequest:
    hint = f"known here: {', '.join(sorted({*names, *EVERYWHERE}))}"
    return BadRequest(f"The parameter {name!a} is not known", parameter=name, hint=hint)


def item_query(given: Mapping[str, str], kind: str) -> Query:
    """Records without geometry or time match every bbox and datetime (Features Part 1, 7.15).

    ``match-missing=false`` opts out of that.
    """
    conditions = [
        _condition(types(given), store.of_type),
        _condition(external_ids(given), store.of_external_id),
    ]
    asked = [one for one in conditions if one is not None]
    return Query(
        parts=[kind],
        ids=values(given, "ids"),
        bbox=parse_bbox(given["bbox"]) if "bbox" in given else None,
        interval=parse_interval(given["datetime"], dates=True) if "datetime" in given else None,
        q=phrases(given.get("q")),
        where=sa.and_(*asked) if asked else None,
        sort=_sort(given),
        limit=limit(given),
        offset=_offset(given),
        token=given.get("token"),
        match_missing=switch(given, "match-missing", default=True),
    )


def _sort(given: Mapping[str, str]) -> list[Any]:
    """Without ``sortby``: newest first, with ``q`` best first."""
    if "sortby" in given:
        return store_keys(parse_sortby(given["sortby"]))
    return [] if "q" in given else store_keys(DEFAULT_ORDER)


def _condition(
    named: list[str] | None, make: Callable[[Sequence[str]], Any]
) -> sa.ColumnElement[bool] | None:
    return None if named is None else make(named)


def types(given: Mapping[str, str]) -> list[str] | None:
    named = values(given, "type")
    if any(len(one) > MAX_TYPE for one in named or ()):
        raise BadRequest(f"A type has at most {MAX_TYPE} characters", parameter="type")
    return named


def external_ids(given: Mapping[str, str]) -> list[str] | None:
    """The pattern of the standard takes no value with a colon, which every address has: all are
    compared as they are."""
    named = values(given, "externalIds")
    if named is not None and not all(one.strip(":") for one in named or [""]):
        detail = "externalIds are value, scheme:value or scheme:, with commas between"
        raise BadRequest(detail, parameter="externalIds")
    return named


def values(given: Mapping[str, str], name: str) -> list[str] | None:
    if name not in given:
        return None
    each = list(dict.fromkeys(one.strip() for one in given[name].split(",")))
    each = [one for one in each if one]
    if len(each) > MAX_VALUES:
        raise BadRequest(f"{name} has {len(each)} values; at most {MAX_VALUES}", parameter=name)
    return each


def phrases(text: str | None) -> list[str] | None:
    """Commas separate alternatives; the words of one must follow one another."""
    found = [one for one in (text or "").split(",") if one.strip()]
    return found or None


def switch(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = given.get(name)
    if text is None:
        return default
    if text.lower() not in SWITCH:
        raise BadRequest(f"{name} is true or false", parameter=name)
    return SWITCH[text.lower()]


def limit(given: Mapping[str, str]) -> int:
    """0 when only facets are wanted (Records Part 2, draft)."""
    return min(number(given, "limit", 0 if "facets" in given else 1, DEFAULT_LIMIT), MAX_LIMIT)


def number(given: Mapping[str, str], name: str, least: int, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < least:
        raise BadRequest(f"{name} is a whole number, at least {least}", parameter=name)
    return int(text)


def _offset(given: Mapping[str, str]) -> int:
    offset = number(given, "offset", 0, 0)
    if offset and "token" in given:
        raise BadRequest("offset and token exclude each other", parameter="offset")
    if offset > MAX_OFFSET:
        hint = "follow the link `next` of each page instead"
        raise BadRequest(f"offset is at most {MAX_OFFSET}", parameter="offset", hint=hint)
    return offset
