"""Facets: what can be counted (Records Part 2, draft)."""

from earthcode_common.ogc.entities import FOLDERS
from earthcode_common.ogc.links import link
from fastapi import APIRouter, Request, Response

from records_api.domain import facets
from records_api.domain.catalog import COLLECTIONS, FACETS, ROOT
from records_api.domain.links import CATALOG_JSON
from records_api.routes import formats, pages
from records_api.routes.collections import kind_of
from records_api.routes.parameters import known

router = APIRouter()


@router.get("/collections/{collection_id}/facets")
async def get_facets(request: Request, collection_id: str) -> Response:
    kind = kind_of(collection_id)
    known(request)
    collection = f"{ROOT}/collections/{FOLDERS[kind]}"
    described = {
        "id": collection_id,
        "title": f"Facets of {COLLECTIONS[kind].title}",
        "facets": facets.definitions(),
        "defaultBucketCount": facets.DEFAULT_BUCKETS,
        "links": [
            link("self", f"{collection}/facets", FACETS),
            link("collection", collection, CATALOG_JSON),
        ],
    }
    return pages.made(request, described, formats.COUNTABLE)
