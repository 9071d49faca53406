"""Facets: what can be counted, and the counts beside a page (Records Part 2, draft)."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import FOLDERS
from earthcode_common.ogc.links import link
from earthcode_common.ogc.query import Query
from fastapi import APIRouter, Request, Response

from records_api.domain import facets
from records_api.domain.catalog import COLLECTIONS, FACETS, ROOT
from records_api.domain.facets import Counted, Wanted
from records_api.domain.links import CATALOG_JSON
from records_api.routes import formats, pages
from records_api.routes.collections import kind_of
from records_api.routes.parameters import known
from records_api.store import terms
from records_api.store.terms import Filed

router = APIRouter()
KEPT = 256  # searches whose counts are kept while no record of their collection changes
PAGING = ("limit", "offset", "token", "sortby", "facets")


class Tally(NamedTuple):
    counts: list[Counted]
    matched: int
    version: int


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
    request: Request,
    session: ReadSession,
    query: Query,
    wanted: list[Wanted],
    asked: Mapping[str, str],
    body: Any,
) -> tuple[dict[str, Any], int]:
    """The facets asked for over all that the query finds, and how many records that are."""
    kind = next(iter(query.parts or ()))
    conditions = sorted((name, text) for name, text in asked.items() if name not in PAGING)
    key = (kind, *conditions, orjson.dumps(body))
    kept: OrderedDict[Any, Tally] = request.app.state.tallies
    tally = kept.get(key)
    if tally is None or tally.version != await terms.version(session, kind):
        tally = kept[key] = await _tally(request, session, query, kind)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return facets.described(wanted, tally.counts), tally.matched


async def _tally(request: Request, session: ReadSession, query: Query, kind: str) -> Tally:
    found = await terms.matching(session, query, kind)
    filed: dict[str, Filed] = request.app.state.filed
    if kind not in filed or filed[kind].version != found.version:
        filed.pop(kind, None)
        among = await terms.filed(session, kind)
        if among is not None:
            filed[kind] = among
    if kind in filed:
        counts = terms.counted(filed[kind], found.seqs)
    else:
        counts = await terms.counted_by_sql(session, found.seqs)
    return Tally(counts, len(found.seqs), found.version)
