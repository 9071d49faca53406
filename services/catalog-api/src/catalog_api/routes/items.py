"""Writing Items: our own transaction routes, on texts (STAC API Transaction extension's paths)."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from earthcode_common import etags, idempotency
from earthcode_common.db import Writing
from earthcode_common.ogc.entities import BASE, Key, address
from earthcode_common.ogc.links import GEOJSON, JSON
from earthcode_common.ogc.links import address as under
from fastapi import APIRouter, Depends, Request, Response

from catalog_api.domain import patches
from catalog_api.domain.items import Item
from catalog_api.operations import items as operations
from catalog_api.operations.items import Written
from catalog_api.routes import models, pages
from catalog_api.routes.bodies import Change, Sent, Writer, read_item, read_items, read_patch

router = APIRouter(tags=["Items"])
ITEMS = "/collections/{collection_id}/items"
ITEM = f"{ITEMS}/{{item_id}}"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {GEOJSON: {"schema": {"type": "object"}}, JSON: {"schema": {"type": "object"}}},
    }
}
PATCH: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            patches.MERGE: {"schema": {"type": "object"}},
            JSON: {"schema": {"type": "object"}},
            patches.OPERATIONS: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


@router.post(ITEMS, status_code=201, openapi_extra=BODY)
async def create_items(
    request: Request,
    who: Writer,
    collection_id: models.CollectionId,
    sent: Annotated[Sent, Depends(read_items)],
    session: Writing,
) -> Response:
    """Add an Item, or all of a FeatureCollection (all or none)."""
    done = await idempotency.replay(session, request, who.sub, sent.raw)
    if done:
        return done
    written = await operations.create(session, collection_id, who, sent.items, many=sent.many)
    if sent.many:
        response = _created_many(request, collection_id, written)
    else:
        response = _created_one(request, collection_id, written[0], sent.items[0].doc)
    await idempotency.remember(session, request, who.sub, sent.raw, response)
    return response


def _created_one(request: Request, product: str, written: Written, doc: str) -> Response:
    headers = {"Location": _item_url(request, product, written.id), "ETag": written.etag}
    text = doc.replace(BASE, pages.public_url(request))
    return Response(text, 201, headers=headers, media_type=GEOJSON)


def _created_many(request: Request, product: str, written: list[Written]) -> Response:
    members = [
        {"id": one.id, "href": _item_url(request, product, one.id), "etag": one.etag}
        for one in written
    ]
    content = orjson.dumps({"created": len(members), "items": members})
    return Response(content, 201, media_type=JSON)


def _item_url(request: Request, product: str, id: str) -> str:
    base = address(Key("product", product)).replace(BASE, pages.public_url(request))
    return under(base, "items", id)


@router.put(ITEM, status_code=204, openapi_extra=BODY)
async def replace_item(
    request: Request,
    who: Writer,
    collection_id: models.CollectionId,
    item: Annotated[Item, Depends(read_item)],
    session: Writing,
) -> Response:
    """Replace an Item; If-Match says which version you have seen."""
    written = await operations.replace(session, collection_id, who, item, _matches(request))
    return _changed(request, item, written)


@router.patch(ITEM, status_code=204, openapi_extra=PATCH)
async def patch_item(
    request: Request,
    who: Writer,
    collection_id: models.CollectionId,
    item_id: models.ItemId,
    change: Annotated[Change, Depends(read_patch)],
    session: Writing,
) -> Response:
    """Change members of an Item: a merge patch (RFC 7396) or a JSON Patch (RFC 6902)."""
    item, written = await operations.patch(
        session, collection_id, who, item_id, change, _matches(request)
    )
    return _changed(request, item, written)


def _changed(request: Request, item: Item, written: Written) -> Response:
    """RFC 7240: the new Item is sent to those who prefer it, else its ETag alone."""
    headers = {"ETag": written.etag}
    if "return=representation" not in request.headers.get("prefer", "").replace(" ", ""):
        return Response(status_code=204, headers=headers)
    headers["Preference-Applied"] = "return=representation"
    text = item.doc.replace(BASE, pages.public_url(request))
    return Response(text, headers=headers, media_type=GEOJSON)


def _matches(request: Request) -> Callable[[str], None]:
    required = request.app.state.runtime.settings.require_if_match
    return lambda etag: etags.check_match(request, etag, required=required)


@router.delete(ITEM, status_code=204)
async def delete_item(
    request: Request,
    who: Writer,
    collection_id: models.CollectionId,
    item_id: models.ItemId,
    session: Writing,
) -> Response:
    """Delete an Item; If-Match says which version you have seen."""
    await operations.delete(session, collection_id, who, item_id, _matches(request))
    return Response(status_code=204)
