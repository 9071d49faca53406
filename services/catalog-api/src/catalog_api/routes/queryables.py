"""Queryables of Items, of the Items of one Collection, and of Collections (OGC 19-079r2, 6.2)."""

from earthcode_common.db import Reading
from earthcode_common.ogc import properties
from fastapi import APIRouter, Request, Response

from catalog_api import store
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.domain.queryables import COLLECTION, ITEM, queryables
from catalog_api.routes import core, models
from catalog_api.routes.sortables import ANSWER, schema

router = APIRouter(tags=["Queryables"])


@router.get("/queryables", responses=ANSWER)
async def get_queryables(request: Request, session: Reading) -> Response:
    """What a filter on Items may name."""
    stored = await properties.stored(session, store.items.name)
    return schema(request, "Queryables of Items", queryables(ITEM, stored))


@router.get("/collections/{collection_id}/queryables", responses=ANSWER)
async def get_collection_queryables(
    request: Request, session: Reading, collection_id: models.CollectionId
) -> Response:
    """What a filter on the Items of a Collection may name."""
    await core.collection(session, collection_id)
    stored = await properties.stored(session, store.items.name, [collection_id])
    return schema(request, f"Queryables of {collection_id}", queryables(ITEM, stored))


@router.get("/collections-queryables", responses=ANSWER)
async def get_queryables_of_collections(request: Request, session: Reading) -> Response:
    """What a filter on Collections may name."""
    stored = await properties.stored(session, store.entries.name, COLLECTIONS)
    return schema(request, "Queryables of Collections", queryables(COLLECTION, stored))
