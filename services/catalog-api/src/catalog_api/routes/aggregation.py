"""Counts of Items and of Collections (STAC API - Aggregation extension 0.3.0)."""

from collections.abc import Mapping
from typing import Annotated, Any

from earthcode_common.db import Reading
from earthcode_common.ogc.facets import Counts, Facets
from earthcode_common.ogc.links import Link, link
from fastapi import APIRouter, Depends, Request, Response

from catalog_api import store
from catalog_api.domain import aggregations
from catalog_api.domain.aggregations import COLLECTION, ITEM, Aggregation
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.routes import core, models, pages, parameters, search
from catalog_api.routes.landing import ROOT

router = APIRouter(tags=["Aggregation"])
ONE = "/collections/{collection_id}"
JSON_BODY = [Depends(parameters.only_json)]
AskedGet = Annotated[models.AggregateGet, Depends(models.AggregateGet)]
AskedCollections = Annotated[
    models.AggregateCollectionsGet, Depends(models.AggregateCollectionsGet)
]
Given = Mapping[str, Any]


@router.get("/aggregations")
async def get_aggregations(request: Request) -> Response:
    """What can be counted of Items."""
    return _listed(request, ITEM)


@router.get(ONE + "/aggregations")
async def get_collection_aggregations(
    request: Request, session: Reading, collection_id: models.CollectionId
) -> Response:
    """What can be counted of the Items of a Collection."""
    await core.collection(session, collection_id)
    return _listed(request, ITEM)


@router.get("/collections-aggregations")
async def get_aggregations_of_collections(request: Request) -> Response:
    """What can be counted of Collections."""
    return _listed(request, COLLECTION)


def _listed(request: Request, known: Mapping[str, Aggregation]) -> Response:
    return _answer(request, aggregations.described(known))


@router.get("/aggregate")
async def aggregate(request: Request, session: Reading, asked: AskedGet) -> Response:
    """Counts of the Items that match."""
    return await _items(request, session, asked.kwargs())


@router.post("/aggregate", dependencies=JSON_BODY)
async def aggregate_post(
    request: Request, session: Reading, asked: models.AggregatePost
) -> Response:
    """Counts of the Items that match."""
    return await _items(request, session, asked.asked())


@router.get(ONE + "/aggregate")
async def aggregate_collection(
    request: Request, session: Reading, collection_id: models.CollectionId, asked: AskedGet
) -> Response:
    """Counts of those Items of a Collection that match."""
    found = await core.collection(session, collection_id)
    part = found.id if found.part == "product" else ""
    return await _items(request, session, asked.kwargs(), part)


@router.post(ONE + "/aggregate", dependencies=JSON_BODY)
async def aggregate_collection_post(
    request: Request,
    session: Reading,
    collection_id: models.CollectionId,
    asked: models.AggregatePost,
) -> Response:
    """Counts of those Items of a Collection that match."""
    found = await core.collection(session, collection_id)
    part = found.id if found.part == "product" else ""
    return await _items(request, session, asked.asked(), part)


@router.get("/collections-aggregate")
async def aggregate_collections(
    request: Request, session: Reading, asked: AskedCollections
) -> Response:
    """Counts of the Collections that match."""
    given = asked.kwargs()
    names = aggregations.chosen(given.get("aggregations"), COLLECTION)
    query = search.collection_query(given, COLLECTIONS)
    facets = await Facets.of(session, store.entries.name, query)
    return _answer(request, await _counted(facets, names, COLLECTION, given))


async def _items(
    request: Request, session: Reading, given: Given, part: str | None = None
) -> Response:
    names = aggregations.chosen(given.get("aggregations"), ITEM)
    facets = await Facets.of(session, store.items.name, search.item_query(given, part))
    return _answer(request, await _counted(facets, names, ITEM, given))


async def _counted(
    facets: Facets, names: list[str], known: Mapping[str, Aggregation], given: Given
) -> list[dict[str, Any]]:
    total = await facets.total()
    return [await _one(facets, name, known[name], given, total) for name in names]


async def _one(
    facets: Facets, name: str, one: Aggregation, given: Given, total: int
) -> dict[str, Any]:
    if one.kind == "total":
        return aggregations.single(name, one, total)
    if one.kind in ("first", "last"):
        times = await facets.times()
        return aggregations.single(name, one, times.first if one.kind == "first" else times.last)
    return aggregations.frequency(name, one, await _counts(facets, one, given), total)


async def _counts(facets: Facets, one: Aggregation, given: Given) -> Counts:
    match one.kind:
        case "parts":
            return await facets.parts()
        case "years":
            return await facets.years()
        case "starts":
            unit = given.get("datetime_frequency_interval")
            return await facets.starts(unit or aggregations.unit_of(*await _ends(facets)))
        case "steps":
            step, last = aggregations.CLOUD_STEP, aggregations.CLOUD_LAST
            return await facets.steps(one.prop, step, last)
        case "cells":
            return await facets.cells(given.get("centroid_geohash_grid_frequency_precision", 2))
    return await facets.terms(one.prop)


async def _ends(facets: Facets) -> tuple[Any, Any]:
    times = await facets.times()
    return times.first, times.last


def _answer(request: Request, found: list[dict[str, Any]]) -> Response:
    links: list[Link] = [link("self", _asked_address(request)), link("root", ROOT)]
    content = {"type": "AggregationCollection", "aggregations": found, "links": links}
    return pages.json(request, content)


def _asked_address(request: Request) -> str:
    query: str = request.url.query
    return pages.here(request) + (f"?{query}" if query else "")
