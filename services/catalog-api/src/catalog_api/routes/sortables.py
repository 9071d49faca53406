"""Sortables of Items, of the Items of one Collection, and of Collections (Sort extension 1.1.0)."""

from typing import Any

from earthcode_common.db import Reading
from earthcode_common.ogc import properties
from earthcode_common.ogc.cql2 import Queryables
from earthcode_common.ogc.links import SCHEMA
from fastapi import APIRouter, Request, Response

from catalog_api import store
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.domain.queryables import COLLECTION, DRAFT, ITEM, sortables
from catalog_api.routes import core, models, pages

router = APIRouter(tags=["Sortables"])
ANSWER: dict[int | str, Any] = {200: {"content": {SCHEMA: {"schema": {"type": "object"}}}}}


@router.get("/sortables", responses=ANSWER)
async def get_sortables(request: Request, session: Reading) -> Response:
    """What searches for Items can be sorted by."""
    stored = await properties.stored(session, store.items.name)
    return schema(request, "Sortables of Items", sortables(ITEM, stored))


@router.get("/collections/{collection_id}/sortables", responses=ANSWER)
async def get_collection_sortables(
    request: Request, session: Reading, collection_id: models.CollectionId
) -> Response:
    """What the Items of a Collection can be sorted by."""
    await core.collection(session, collection_id)
    stored = await properties.stored(session, store.items.name, [collection_id])
    return schema(request, f"Sortables of {collection_id}", sortables(ITEM, stored))


@router.get("/collections-sortables", responses=ANSWER)
async def get_sortables_of_collections(request: Request, session: Reading) -> Response:
    """What lists of Collections can be sorted by."""
    stored = await properties.stored(session, store.entries.name, COLLECTIONS)
    return schema(request, "Sortables of Collections", sortables(COLLECTION, stored))


def schema(request: Request, title: str, found: Queryables) -> Response:
    described = found.schema(pages.here(request), title, DRAFT)
    return pages.json(request, described, media=SCHEMA)
