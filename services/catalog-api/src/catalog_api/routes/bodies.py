"""Bodies of Item writes, read and checked before a transaction begins."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from earthcode_common.auth import Principal, Who
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import BASE, Key
from earthcode_common.ogc.jsontext import Value
from earthcode_common.ogc.links import GEOJSON, JSON
from earthcode_common.problems import BadRequest, Unauthenticated, UnsupportedMediaType
from fastapi import Depends, Request

from catalog_api.domain import items, patches
from catalog_api.domain.items import Item
from catalog_api.domain.links import Place
from catalog_api.routes import models
from catalog_api.routes.pages import public_url
from catalog_api.routes.parameters import check_media

MAX_ERRORS = 1000
PATCHES = (patches.MERGE, patches.OPERATIONS, JSON, GEOJSON)


class Sent(NamedTuple):
    """``raw`` is the body; ``many`` says that it was a FeatureCollection."""

    raw: bytes
    items: list[Item]
    many: bool


async def writer(who: Who) -> Principal:
    if who.anonymous:
        raise Unauthenticated("Log in first: Items are written by the owner of the product")
    return who


Writer = Annotated[Principal, Depends(writer)]


async def read_items(request: Request, who: Writer, collection_id: str) -> Sent:
    """An Item, or a FeatureCollection of which every member must be fine."""
    check_media(request, JSON, GEOJSON)
    raw = await request.body()
    return await asyncio.to_thread(_sent, raw, place_of(request, collection_id))


async def read_item(
    request: Request, who: Writer, collection_id: str, item_id: models.ItemId
) -> Item:
    """The Item of the address; its id may be left out."""
    check_media(request, JSON, GEOJSON)
    raw = await request.body()
    return await asyncio.to_thread(_whole, raw, place_of(request, collection_id), item_id)


Change = Callable[[str], Item]


async def read_patch(
    request: Request, who: Writer, collection_id: str, item_id: models.ItemId
) -> Change:
    """What makes the new Item of the text of the old one; plain JSON is a merge patch."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in PATCHES:
        raise UnsupportedMediaType(
            f"The body is {media or 'of no stated type'}",
            hint=f"send Content-Type: {patches.MERGE} or {patches.OPERATIONS}",
            headers={"Accept-Patch": ", ".join(PATCHES)},
        )
    patch = jsontext.parse(await request.body())
    place = place_of(request, collection_id)

    def change(doc: str) -> Item:
        seen = doc.replace(BASE, place.public_url)
        text = patches.patched(seen, patch.text, media)
        return one(jsontext.parse(text), place, item_id)

    return change


def place_of(request: Request, product: str) -> Place:
    return Place(Key("product", product), public_url(request))


def _whole(raw: bytes, place: Place, id: str) -> Item:
    given = jsontext.parse(raw)
    if isinstance(given.value, dict) and "id" not in given.value:
        members = {"id": jsontext.dump(id)}
        members |= {name: member.text for name, member in jsontext.members(given.text).items()}
        given = Value({"id": id} | given.value, jsontext.join(members))
    return one(given, place, id)


def _sent(raw: bytes, place: Place) -> Sent:
    given = jsontext.parse(raw)
    if isinstance(given.value, dict) and given.value.get("type") == "FeatureCollection":
        return Sent(raw, _members(given, place), True)
    return Sent(raw, [one(given, place)], False)


def one(given: Value, place: Place, id: str | None = None) -> Item:
    """Raises BadRequest that says where and why."""
    errors = items.errors_of(given.value, place.key.id, id)
    if errors:
        raise items.invalid(errors)
    return items.item(given, place)


def _members(given: Value, place: Place) -> list[Item]:
    features = given.value.get("features")
    if not isinstance(features, list) or not features:
        raise BadRequest("A FeatureCollection holds at least one Item", pointer="/features")
    errors = [
        items.of_member(error, number)
        for number, one in enumerate(features)
        for error in items.errors_of(one, place.key.id)
    ]
    errors += _repeated(features)
    if errors:
        detail = f"Nothing was stored: {items.first(errors)}"
        raise BadRequest(detail, errors=errors[:MAX_ERRORS], count=len(errors))
    texts = jsontext.elements(jsontext.members(given.text)["features"].text)
    return [items.item(one, place) for one in texts]


def _repeated(features: list[Any]) -> list[dict[str, Any]]:
    seen: set[str] = set()
    errors = []
    for number, feature in enumerate(features):
        id = feature.get("id") if isinstance(feature, dict) else None
        if isinstance(id, str) and id in seen:
            error = {"pointer": "/id", "detail": f"The id {id!r} is there twice"}
            errors.append(items.of_member(error, number))
        elif isinstance(id, str):
            seen.add(id)
    return errors
