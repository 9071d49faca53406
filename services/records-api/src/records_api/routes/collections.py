"""The catalogues: one of each kind, and all of them as a catalogue to be searched or crawled."""

from collections.abc import Mapping
from typing import Any

from earthcode_common.db import Reading, ReadSession
from earthcode_common.ogc import cql2
from earthcode_common.ogc.bbox import parse_bbox
from earthcode_common.ogc.datetimes import parse_interval
from earthcode_common.ogc.entities import is_text
from earthcode_common.ogc.links import JSON, link, with_query
from earthcode_common.problems import BadRequest, NotFound
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain import catalog, local
from records_api.domain.catalog import COLLECTIONS_HERE, CRAWLABLE_HERE
from records_api.domain.kinds import COLLECTIONS, SERVED
from records_api.domain.links import CATALOG_JSON
from records_api.domain.queryables import parse_sortby, unknown
from records_api.routes import filters, formats, pages, parameters
from records_api.routes.parameters import known

router = APIRouter()
CRAWLED = 1000  # records in one part of a crawlable catalogue


@router.get("/collections")
async def collections(request: Request, session: Reading) -> Response:
    """The local resources catalogue."""
    given = known(request, *parameters.SEARCH)
    asked = _asked(request, given)
    extents = [await store.records.extent(session, [kind]) for kind in SERVED]
    every: list[local.Found] = [
        (catalog.collection(kind, one), one) for kind, one in zip(SERVED, extents, strict=True)
    ]
    found = local.matching(asked, every)
    shown = found[: parameters.limit(given)] if "limit" in given else found
    own = [link("self", _here(request, COLLECTIONS_HERE), JSON)]
    return pages.made(request, catalog.collections(shown, len(found), own), profile="catalog")


def _here(request: Request, address: str) -> str:
    query: bytes = request.scope["query_string"]
    return f"{address}?{query.decode('ascii', 'replace')}" if query else address


def _asked(request: Request, given: Mapping[str, str]) -> local.Asked:
    bound = [cql2.bind(one, local.QUERYABLES) for one in filters.expressions(given)]
    order = parse_sortby(given["sortby"]) if "sortby" in given else local.DEFAULT_ORDER
    for name, _ in order:
        if name not in local.SORTED:
            where = f"{pages.public_url(request)}/records/collections-sortables"
            raise unknown("sortby", name, local.SORTED, where)
    return local.Asked(
        q=parameters.phrases(given.get("q")),
        ids=parameters.values(given, "ids"),
        types=parameters.types(given),
        external_ids=parameters.external_ids(given),
        bbox=parse_bbox(given["bbox"]) if "bbox" in given else None,
        interval=parse_interval(given["datetime"], dates=True) if "datetime" in given else None,
        match_missing=parameters.switch(given, "match-missing", default=True),
        filters=bound,
        sort=order,
    )


@router.get("/collections/{collection_id}")
async def collection(request: Request, session: Reading, collection_id: str) -> Response:
    known(request)
    kind = kind_of(collection_id)
    extent = await store.records.extent(session, [kind])
    document = catalog.collection(kind, extent)
    return pages.made(request, document, formats.CATALOG, profile="catalog")


@router.get("/catalogs")
async def catalogs(request: Request) -> Response:
    """The crawlable catalogues."""
    known(request)
    return pages.made(request, catalog.crawlable_root(), formats.CATALOG, profile="catalog")


@router.get("/catalogs/{collection_id}")
async def crawlable(request: Request, session: Reading, collection_id: str) -> Response:
    """A part of a crawlable catalogue, and a link to the next part."""
    given = known(request, "after")
    kind, after = kind_of(collection_id), given.get("after", "")
    found = await _listed(session, kind, after)
    here = f"{CRAWLABLE_HERE}/{collection_id}"
    own = [link("self", _here(request, here), CATALOG_JSON)]
    if len(found) > CRAWLED:
        found = found[:CRAWLED]
        own.append(link("next", _after(here, found[-1][0]), CATALOG_JSON))
    extent = await store.records.extent(session, [kind])
    document = catalog.crawlable(kind, extent, found, own)
    return pages.made(request, document, formats.CATALOG, profile="catalog")


async def _listed(session: ReadSession, kind: str, after: str) -> list[Any]:
    if not is_text(after):
        raise BadRequest("after is not the identifier of a record", parameter="after")
    return await store.listed(session, kind, after, CRAWLED + 1)


def _after(here: str, id: str) -> str:
    return with_query(here, [("after", id)])


def kind_of(collection_id: str) -> str:
    if collection_id not in COLLECTIONS:
        hint = f"there are {', '.join(COLLECTIONS)}"
        raise NotFound(f"There is no collection {collection_id!a}", hint=hint)
    return COLLECTIONS[collection_id]
