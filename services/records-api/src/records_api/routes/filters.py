"""Filters of records: CQL2, and properties as parameters."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from earthcode_common.db import ReadSession
from earthcode_common.ogc import cql2, properties
from earthcode_common.ogc.datetimes import format_instant, parse_instant
from earthcode_common.ogc.query import Query
from earthcode_common.problems import BadRequest, UnsupportedMediaType
from fastapi import Request

from records_api import store
from records_api.domain.catalog import CRS84
from records_api.domain.queryables import KNOWN, open_queryables, queryables, unknown
from records_api.routes import parameters

MEDIA = ("application/json", "application/cql2+json")
NOT_PROPERTIES = (*parameters.ITEMS, *parameters.EVERYWHERE)


async def asked(request: Request, session: ReadSession, kind: str) -> dict[str, str]:
    """The parameters given; every property that records of this kind have is one too."""
    given = parameters.once(request)
    names = (*parameters.ITEMS, *parameters.PROPERTIES)
    for name in given:
        if name not in names and not await _is_property(session, kind, name):
            raise parameters.unknown(name, names)
    return given


async def _is_property(session: ReadSession, kind: str, name: str) -> bool:
    return name not in KNOWN and await store.has_property(session, kind, name)


async def narrowed(
    session: ReadSession, query: Query, given: Mapping[str, str], kind: str, where: str, body: Any
) -> Query:
    """The query with all that filters ask for; ``where`` is the address of the queryables."""
    if body is not None:
        found = cql2.parse(body, cql2.JSON, pointer="")
        query = await _narrow(session, query, found, kind, where, pointer="")
    for expression in expressions(given):
        query = await _narrow(session, query, expression, kind, where)
    named = {name: text for name, text in given.items() if name not in NOT_PROPERTIES}
    types = await _types(session, named, kind)
    for name, text in named.items():
        found = cql2.parse(_equal(name, text, types.get(name, "")), cql2.JSON)
        query = cql2.bind(found, open_queryables()).narrow(query, store.records.table)
    return query


async def _narrow(
    session: ReadSession,
    query: Query,
    expression: cql2.Expression,
    kind: str,
    where: str,
    pointer: str | None = None,
) -> Query:
    bound = cql2.bind(expression, open_queryables())
    for field in bound.fields:
        name = field.name.partition(".")[0]
        if field.name in KNOWN or await store.has_property(session, kind, field.name):
            continue
        if name == field.name or not await store.has_property(session, kind, name):
            raise unknown("filter", field.name, KNOWN, where, pointer)
    return bound.narrow(query, store.records.table)


def expressions(given: Mapping[str, str]) -> Iterator[cql2.Expression]:
    if given.get("filter-crs", CRS84) != CRS84:
        raise BadRequest(f"filter-crs must be {CRS84}", parameter="filter-crs")
    lang = given.get("filter-lang", cql2.TEXT)
    if lang not in (cql2.TEXT, cql2.JSON):
        raise BadRequest("filter-lang is cql2-text or cql2-json", parameter="filter-lang")
    if "filter" in given:
        yield cql2.parse(given["filter"], lang)


async def _types(session: ReadSession, named: Mapping[str, str], kind: str) -> dict[str, str]:
    """The type of each property that is a parameter."""
    types: dict[str, str] = {name: KNOWN[name].kind for name in named if name in KNOWN}
    if len(types) < len(named):
        stored = queryables(await properties.stored(session, store.records.name, [kind])).known
        others = [name for name in named if name in stored and name not in types]
        types |= {name: str(stored[name].schema.get("type", "")) for name in others}
    return types


def _equal(name: str, text: str, kind: str) -> dict[str, Any] | bool:
    """``prop=value`` in CQL2: any of the values between commas, or the whole text."""
    each = [text, *(one.strip() for one in text.split(","))]
    values: list[Any] = list(dict.fromkeys(one for one in each if one))[: parameters.MAX_VALUES]
    property = {"property": name}
    if kind == "instant":
        moment = format_instant(parse_instant(text, name=name))
        return {"op": "=", "args": [property, {"timestamp": moment}]}
    if kind in ("number", "integer", "boolean"):
        values = [value for value in map(_number_or_switch, values) if value is not None]
    if not values:
        return False
    return {"op": "a_overlaps" if kind == "array" else "in", "args": [property, values]}


def _number_or_switch(text: str) -> float | bool | None:
    if text.lower() in parameters.SWITCH:
        return parameters.SWITCH[text.lower()]
    try:
        return float(text)
    except ValueError:
        return None


async def body_of(request: Request) -> Any:
    """The CQL2 JSON that a search by POST sends as its body."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in MEDIA:
        raise UnsupportedMediaType(
            f"The body is {media or 'of no stated type'}",
            hint=f"a search is CQL2 JSON as {MEDIA[0]}; records are published at /publish",
        )
    try:
        found = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}", pointer="") from error
    if not isinstance(found, dict):
        raise BadRequest("The body is not CQL2 JSON: it is an object", pointer="")
    return found
