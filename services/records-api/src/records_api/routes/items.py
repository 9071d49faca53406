"""The records of a collection."""

from email.utils import format_datetime

from earthcode_common.db import Reading
from earthcode_common.ogc.entities import FOLDERS
from earthcode_common.ogc.links import GEOJSON, JSON, link
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain.catalog import ROOT, TITLE
from records_api.domain.links import CATALOG_JSON, PROFILE
from records_api.routes import pages, parameters
from records_api.routes.collections import kind_of

router = APIRouter()


@router.get("/collections/{collection_id}/items")
async def records(request: Request, session: Reading, collection_id: str) -> Response:
    kind = kind_of(collection_id)
    query = parameters.item_query(parameters.known(request, *parameters.ITEMS), kind)
    page = await store.records.search(session, query)
    collection = f"{ROOT}/collections/{FOLDERS[kind]}"
    return pages.features(
        request,
        page,
        link("collection", collection, CATALOG_JSON),
        link("root", ROOT, title=TITLE),
        link("profile", PROFILE, None),
    )


@router.get("/collections/{collection_id}/items/{record_id:path}")
async def record(
    request: Request, session: Reading, collection_id: str, record_id: str
) -> Response:
    kind = kind_of(collection_id)
    parameters.known(request)
    found = await store.records.get(session, kind, record_id)
    if found is None:
        raise NotFound(f"There is no {kind} {record_id!a}")
    changed = {"Last-Modified": format_datetime(found.updated, usegmt=True)}
    return pages.answer(request, found.doc, GEOJSON, JSON, headers=changed)
