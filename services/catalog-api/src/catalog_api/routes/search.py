"""One page of Items or Collections: what all lists and searches have in common."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from earthcode_common.db import ReadSession
from earthcode_common.ogc import properties
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.query import Page, Query
from earthcode_common.ogc.store import SearchStore

from catalog_api import store
from catalog_api.domain import sorting
from catalog_api.domain.fields import Fields, parse_fields, select
from catalog_api.domain.queryables import COLLECTION, ITEM, Known, sortables
from catalog_api.routes import parameters
from catalog_api.routes.filters import narrowed
from catalog_api.routes.landing import COLLECTION_SORTABLES, ITEM_SORTABLES

MANY = 50  # documents beyond which taking them apart should not keep others waiting
COLUMNS = ("id", "collection", *sorting.TIMES)


async def find_items(
    session: ReadSession, given: Mapping[str, Any], part: str | None = None, *, count: bool = True
) -> Page:
    # Who asks for a single Item wants to know how many there are (as pystac-client does).
    query = replace(item_query(given, part), count=count, count_large=given.get("limit") == 1)
    if query.sort:
        query = await _ordered(session, store.items, query, ITEM, ITEM_SORTABLES)
    return await _reduced(await store.items.search(session, query), given, items=True)


def item_query(given: Mapping[str, Any], part: str | None = None) -> Query:
    """``part``: the only product to look at, whatever is asked for; "" finds nothing."""
    query = narrowed(parameters.item_query(given), given, ITEM, store.items.table)
    if part is None:
        return query
    here = part and (query.parts is None or part in query.parts)
    return replace(query, parts=[part] if here else [])


async def find_collections(
    session: ReadSession,
    given: Mapping[str, Any],
    kinds: Sequence[str],
    where: sa.ColumnElement[bool] | None = None,
) -> Page:
    """Entities of those kinds, which may be vocabularies too."""
    query = collection_query(given, kinds, where)
    if query.sort:
        query = await _ordered(session, store.entries, query, COLLECTION, COLLECTION_SORTABLES)
    return await _reduced(await store.entries.search(session, query), given, items=False)


def collection_query(
    given: Mapping[str, Any], kinds: Sequence[str], where: sa.ColumnElement[bool] | None = None
) -> Query:
    query = replace(parameters.collection_query(given, kinds), where=where)
    return narrowed(query, given, COLLECTION, store.entries.table)


async def _ordered(
    session: ReadSession, there: SearchStore, query: Query, known: Known, where: str
) -> Query:
    """The query in the store's terms; raises BadRequest for what nothing can be sorted by."""
    sure = _sure(known is ITEM)
    for name, _ in query.sort:
        if name not in sure and not await properties.has_scalar(session, there.name, name):
            stored = await properties.stored(session, there.name, query.parts)
            every = sortables(known, stored).known
            raise sorting.unknown(name, every, where.removeprefix(BASE))
    return replace(query, sort=sorting.store_keys(query.sort, [c for c in COLUMNS if c in sure]))


@cache
def _sure(items: bool) -> Known:
    return sortables(ITEM if items else COLLECTION).known


async def _reduced(page: Page, given: Mapping[str, Any], *, items: bool) -> Page:
    """The page with those members of its documents that were asked for."""
    asked = given.get("fields")
    if asked is None:
        return page
    fields = parse_fields(asked, items=items)
    if len(page.items) <= MANY:
        return _select(page, fields)
    return await asyncio.to_thread(_select, page, fields)


def _select(page: Page, fields: Fields) -> Page:
    return replace(page, items=[replace(one, doc=select(one.doc, fields)) for one in page.items])
