"""Writing Items: our own transaction routes, on texts (STAC API Transaction extension's paths)."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from earthcode_common import etags, idempotency
from earthcode_common.db import Writing
from earthcode_common.ogc.entities import BASE, Key, address
from earthcode_common.ogc.links import GEOJSON, JSON
from earthcode_common.ogc.links import address as under
from earthcode_common.problems import BadRequest
from fastapi import APIRouter, Depends, Query, Request, Response

from catalog_api.operations import items as operations
from catalog_api.operations.items import Report, Written
from catalog_api.routes import models, pages
from catalog_api.routes.bodies import MAX_ERRORS, Lines, Sent, Writer, read_items, read_lines

router = APIRouter(tags=["Items"])
ITEMS = "/collections/{collection_id}/items"
ITEM = f"{ITEMS}/{{item_id}}"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {GEOJSON: {"schema": {"type": "object"}}, JSON: {"schema": {"type": "object"}}},
    }
}
LINES = {"requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {}}}}}


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
    written = await operations.create(session, collection_id, who, sent.items)
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


@router.put(ITEM, openapi_extra=BODY)
async def replace_item(
    request: Request,
    who: Writer,
    collection_id: models.CollectionId,
    item_id: models.ItemId,
    sent: Annotated[Sent, Depends(read_items)],
    session: Writing,
) -> Response:
    """Replace an Item; If-Match says which version you have seen."""
    if sent.many or sent.items[0].id != item_id:
        raise BadRequest(f"The body must be the Item {item_id!r}, as in the address", pointer="/id")
    item = sent.items[0]
    written = await operations.replace(session, collection_id, who, item, _matches(request))
    text = item.doc.replace(BASE, pages.public_url(request))
    return Response(text, headers={"ETag": written.etag}, media_type=GEOJSON)


def _matches(request: Request) -> Callable[[str], None]:
    return lambda etag: etags.check_match(request, etag)


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


Method = Annotated[
    Literal["upsert", "insert"],
    Query(description="What to do with Items that are there already: replace them, or refuse them"),
]


@router.post("/collections/{collection_id}/bulk_items", openapi_extra=LINES)
async def load_items(
    who: Writer,
    collection_id: models.CollectionId,
    lines: Annotated[Lines, Depends(read_lines)],
    session: Writing,
    method: Method = "upsert",
) -> Response:
    """Store an Item a line (newline-delimited JSON); lines that are not fine are reported."""
    report = Report(received=lines.received, errors=lines.errors)
    replacing = method == "upsert"
    await operations.load(session, collection_id, who, lines.items, report, replacing=replacing)
    failed = len(report.errors)
    if failed == report.received:
        raise BadRequest(
            "No line could be stored", errors=report.errors[:MAX_ERRORS], failed=failed
        )
    report.errors.sort(key=lambda error: error["line"])
    content = orjson.dumps(
        {
            "received": report.received,
            "inserted": report.inserted,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "failed": failed,
            "errors": report.errors[:MAX_ERRORS],
        }
    )
    return Response(content, media_type=JSON)
