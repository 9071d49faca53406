"""Queryables and sortables of a collection, and of the collections themselves."""

from collections.abc import Mapping

from earthcode_common.db import Reading, ReadSession
from earthcode_common.ogc import properties
from earthcode_common.ogc.cql2 import Queryables
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain import facets, local
from records_api.domain.queryables import (
    COLUMNS,
    KNOWN,
    parse_sortby,
    queryables,
    sortables,
    unknown,
)
from records_api.routes import formats, pages
from records_api.routes.collections import kind_of
from records_api.routes.parameters import known

router = APIRouter()
FILTERED, SORTED = "2020-12", "2019-09"  # the drafts that 19-079r2 and 20-004r1 ask for


@router.get("/collections/{collection_id}/queryables")
async def get_queryables(request: Request, session: Reading, collection_id: str) -> Response:
    found = queryables(await _stored(request, session, collection_id))
    return _schema(request, f"Queryables of {collection_id}", found, FILTERED)


@router.get("/collections/{collection_id}/schema")
async def get_schema(request: Request, session: Reading, collection_id: str) -> Response:
    """What records hold (OGC API - Features Part 5): what can be asked of them, with its types."""
    found = queryables(await _stored(request, session, collection_id))
    return _schema(request, f"Records of {collection_id}", found, FILTERED)


@router.get("/collections/{collection_id}/sortables")
async def get_sortables(request: Request, session: Reading, collection_id: str) -> Response:
    found = sortables(await _stored(request, session, collection_id))
    return _schema(request, f"Sortables of {collection_id}", found, SORTED)


async def _stored(
    request: Request, session: ReadSession, collection_id: str
) -> Mapping[str, set[str]]:
    """The JSON types that the collection's records have under each name."""
    kind = kind_of(collection_id)
    known(request)
    return await properties.stored(session, store.records.name, [kind])


@router.get("/collections-queryables")
async def get_collections_queryables(request: Request) -> Response:
    known(request)
    return _schema(request, "Queryables of the catalogues", local.QUERYABLES, FILTERED)


@router.get("/collections-sortables")
async def get_collections_sortables(request: Request) -> Response:
    known(request)
    return _schema(request, "Sortables of the catalogues", local.SORTABLES, SORTED)


def _schema(request: Request, title: str, found: Queryables, draft: str) -> Response:
    described = found.schema(pages.here(request), title, draft)
    if draft == FILTERED:  # Records Part 2, draft: what can be counted
        for name in facets.TERMS.values():
            if name in described["properties"]:
                described["properties"][name]["facet"] = True
    return pages.made(request, described, formats.SCHEMAS)


async def check_order(session: ReadSession, kind: str, text: str, where: str) -> None:
    """Raises BadRequest for a property that records of this kind cannot be sorted by."""
    names = [name for name, _ in parse_sortby(text) if name not in COLUMNS]
    certain = sortables().known
    for name in [name for name in names if name not in certain]:
        if name in KNOWN or not await properties.has_scalar(
            session, store.records.name, name, [kind]
        ):
            raise unknown("sortby", name, certain, where)
