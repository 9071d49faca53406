"""Bodies of Item writes, read and checked before a transaction begins."""

import asyncio
from typing import Annotated, Any, NamedTuple

from earthcode_common.auth import Principal, Who
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.jsontext import Value
from earthcode_common.problems import BadRequest, Problem, Unauthenticated
from fastapi import Depends, Request

from catalog_api.domain import items
from catalog_api.domain.items import Item
from catalog_api.domain.links import Place
from catalog_api.routes.pages import public_url
from catalog_api.routes.parameters import check_media

MAX_ERRORS = 1000


class Sent(NamedTuple):
    """``raw`` is the body; ``many`` says that it was a FeatureCollection."""

    raw: bytes
    items: list[Item]
    many: bool


class Lines(NamedTuple):
    received: int
    items: list[tuple[int, Item]]
    errors: list[dict[str, Any]]


async def writer(who: Who) -> Principal:
    if who.anonymous:
        raise Unauthenticated("Log in first: Items are written by the owner of the product")
    return who


Writer = Annotated[Principal, Depends(writer)]


async def read_items(request: Request, who: Writer, collection_id: str) -> Sent:
    """An Item, or a FeatureCollection of which every member must be fine."""
    check_media(request, "application/json", "application/geo+json")
    raw = await request.body()
    return await asyncio.to_thread(_sent, raw, _place(request, collection_id))


def _place(request: Request, product: str) -> Place:
    return Place(Key("product", product), public_url(request))


def _sent(raw: bytes, place: Place) -> Sent:
    given = jsontext.parse(raw)
    if isinstance(given.value, dict) and given.value.get("type") == "FeatureCollection":
        return Sent(raw, _members(given, place), True)
    return Sent(raw, [_one(given, place)], False)


def _one(given: Value, place: Place) -> Item:
    errors = items.errors_of(given.value, place.key.id)
    if errors:
        raise BadRequest(f"The Item is not valid: {_first(errors)}", errors=errors)
    return items.item(given, place)


def _members(given: Value, place: Place) -> list[Item]:
    features = given.value.get("features")
    if not isinstance(features, list) or not features:
        raise BadRequest("A FeatureCollection holds at least one Item", pointer="/features")
    errors = [
        error | {"pointer": f"/features/{number}{error.get('pointer', '')}"}
        for number, one in enumerate(features)
        for error in items.errors_of(one, place.key.id)
    ]
    errors += _repeated(features)
    if errors:
        detail = f"Nothing was stored: {_first(errors)}"
        raise BadRequest(detail, errors=errors[:MAX_ERRORS], count=len(errors))
    texts = jsontext.elements(jsontext.members(given.text)["features"].text)
    return [items.item(one, place) for one in texts]


def _repeated(features: list[Any]) -> list[dict[str, Any]]:
    ids = [one.get("id") for one in features if isinstance(one, dict)]
    ids = [id for id in ids if isinstance(id, str)]
    if len(set(ids)) == len(ids):
        return []
    places = enumerate(ids)
    return [
        {"pointer": f"/features/{place}/id", "detail": f"The id {id!r} is there twice"}
        for place, id in places
        if id in ids[:place]
    ]


def _first(errors: list[dict[str, Any]]) -> str:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{errors[0].get('pointer', '')}: {errors[0]['detail']}{more}"


async def read_lines(request: Request, who: Writer, collection_id: str) -> Lines:
    """Newline-delimited JSON, an Item a line; lines that are not fine become errors."""
    check_media(request, "application/x-ndjson", "application/ndjson")
    raw = await request.body()
    return await asyncio.to_thread(_lines, raw, _place(request, collection_id))


def _lines(raw: bytes, place: Place) -> Lines:
    found: list[tuple[int, Item]] = []
    errors: list[dict[str, Any]] = []
    received = 0
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        received += 1
        try:
            found.append((number, _one(jsontext.parse(line), place)))
        except Problem as problem:
            errors.append(_line_error(number, line, problem))
    if not received:
        raise BadRequest("The body holds no line; send an Item a line")
    return Lines(received, found, errors)


def _line_error(number: int, line: bytes, problem: Problem) -> dict[str, Any]:
    error: dict[str, Any] = {"line": number, "detail": problem.detail}
    if problem.errors:
        error["errors"] = problem.errors
    return error
