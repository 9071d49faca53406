"""Facets: what can be counted, and the counts beside a page (Records Part 2, draft)."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson
from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import FOLDERS
from earthcode_common.ogc.links import link
from earthcode_common.ogc.query import Query
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain import facets
from records_api.domain.catalog import COLLECTIONS, FACETS, ROOT
from records_api.domain.facets import Counted
from records_api.domain.links import CATALOG_JSON
from records_api.routes import formats, pages
from records_api.routes.collections import kind_of
from records_api.routes.parameters import known

router = APIRouter()
KEPT = 256  # searches whose counts are kept while no record of their collection changes
PAGING = ("limit", "offset", "token", "sortby", "facets")


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


async def counted(
    request: Request, session: ReadSession, query: Query, given: Mapping[str, str], body: Any
) -> dict[str, Any] | None:
    """The facets asked for over all that the query finds; None when none is asked for."""
    if "facets" not in given:
        return None
    wanted = facets.parse_facets(given["facets"])
    if not wanted:
        return {}
    names = facets.needed(wanted)
    kind = next(iter(query.parts or ()))
    conditions = sorted((k, v) for k, v in given.items() if k not in PAGING)
    state = await store.part_version(session, kind)
    key = (state, kind, *names, *conditions, orjson.dumps(body))
    found = await _kept(request, key, session, query, names)
    return facets.described(wanted, found)


async def _kept(
    request: Request, key: Any, session: ReadSession, query: Query, names: list[str]
) -> list[Counted]:
    kept: OrderedDict[Any, list[Counted]] = request.app.state.counts
    if key not in kept:
        kept[key] = await store.count_terms(session, query, names)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
