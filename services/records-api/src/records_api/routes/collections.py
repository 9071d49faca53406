"""The collections of records: one of each kind."""

from earthcode_common.db import Reading
from earthcode_common.ogc.links import JSON
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain import catalog
from records_api.domain.kinds import COLLECTIONS, RECORDS
from records_api.domain.links import CATALOG_JSON
from records_api.routes import pages
from records_api.routes.parameters import known

router = APIRouter()


@router.get("/collections")
async def collections(request: Request, session: Reading) -> Response:
    known(request)
    found = [
        catalog.collection(kind, await store.records.extent(session, [kind])) for kind in RECORDS
    ]
    return pages.made(request, catalog.collections(found))


@router.get("/collections/{collection_id}")
async def collection(request: Request, session: Reading, collection_id: str) -> Response:
    known(request)
    kind = kind_of(collection_id)
    extent = await store.records.extent(session, [kind])
    return pages.made(request, catalog.collection(kind, extent), CATALOG_JSON, JSON)


def kind_of(collection_id: str) -> str:
    if collection_id not in COLLECTIONS:
        hint = f"there are {', '.join(COLLECTIONS)}"
        raise NotFound(f"There is no collection {collection_id!a}", hint=hint)
    return COLLECTIONS[collection_id]
