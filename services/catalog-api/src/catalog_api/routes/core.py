"""stac-fastapi's core client: its routes and models, our texts as raw responses.

Every method returns a Response, so nothing passes through FastAPI's encoder (see ADR 0006).
"""

from collections.abc import Mapping
from typing import Any

from earthcode_common.db import Database, ReadSession
from earthcode_common.ogc.entities import Key, address
from earthcode_common.ogc.links import GEOJSON, link
from earthcode_common.ogc.query import Page, Stored
from earthcode_common.problems import NotFound
from fastapi import Request, Response
from stac_fastapi.types.core import AsyncBaseCoreClient

from catalog_api import store
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.routes import formats, landing, pages, search
from catalog_api.routes.item_links import with_items
from catalog_api.routes.models import SearchPost


def database(request: Request) -> Database:
    db: Database = request.app.state.runtime.db
    return db


class Core(AsyncBaseCoreClient):
    async def landing_page(self, *, request: Request, **_: Any) -> Response:  # type: ignore[override]
        return pages.json(request, landing.landing_page(), lasting=True)

    async def conformance(self, *, request: Request, **_: Any) -> Response:  # type: ignore[override]
        return pages.json(request, {"conformsTo": landing.CONFORMS_TO}, lasting=True)

    async def all_collections(self, *, request: Request, **given: Any) -> Response:  # type: ignore[override]
        return await list_collections(request, COLLECTIONS, given)

    async def get_collection(  # type: ignore[override]
        self, collection_id: str, *, request: Request, **_: Any
    ) -> Response:
        async with database(request).read() as session:
            found = await with_items(session, await collection(session, collection_id))
            return pages.document(request, found)

    async def item_collection(  # type: ignore[override]
        self, collection_id: str, *, request: Request, **given: Any
    ) -> Response:
        async with database(request).read() as session:
            found = await collection(session, collection_id)
            return await list_items(request, session, Key(found.part, found.id), given)

    async def get_item(  # type: ignore[override]
        self, item_id: str, collection_id: str, *, request: Request, **_: Any
    ) -> Response:
        async with database(request).read() as session:
            return await one_item(request, session, collection_id, item_id)

    async def get_search(self, *, request: Request, **given: Any) -> Response:  # type: ignore[override]
        return await search_by_get(request, given)

    async def post_search(  # type: ignore[override]
        self, search_request: SearchPost, *, request: Request, **_: Any
    ) -> Response:
        return await search_by_post(request, search_request.asked())


async def search_by_get(request: Request, given: Mapping[str, Any]) -> Response:
    async with database(request).read() as session:
        if download := await formats.download(request, session, given, _uncounted()):
            return download
        page = await search.find_items(session, given)
    return pages.features(request, page, pages.links_of(request, page, media=GEOJSON))


async def search_by_post(request: Request, body: Mapping[str, Any]) -> Response:
    async with database(request).read() as session:
        if download := await formats.download(request, session, body, _uncounted()):
            return download
        page = await search.find_items(session, body)
    return pages.features(request, page, pages.post_links(request, page, body))


async def list_collections(
    request: Request, kinds: tuple[str, ...], given: dict[str, Any]
) -> Response:
    async with database(request).read() as session:
        page = await search.find_collections(session, given, kinds)
    links = pages.links_of(request, page, *landing.COLLECTION_LINKS)
    return pages.members(request, "collections", page, links)


def _uncounted(part: str | None = None) -> formats.FindPage:
    async def find(session: ReadSession, given: Mapping[str, Any]) -> Page:
        return await search.find_items(session, given, part, count=False)

    return find


async def collection(session: ReadSession, id: str) -> Stored:
    """The product of that id, else the project."""
    for kind in COLLECTIONS:
        found = await store.entries.get(session, kind, id)
        if found:
            return found
    raise NotFound(f"There is no Collection {id!r}", hint="search for it at /stac/collections?q=")


async def one_item(request: Request, session: ReadSession, product: str, id: str) -> Response:
    found = await store.items.get(session, product, id)
    if found is None:
        raise NotFound(f"There is no Item {id!r} in the Collection {product!r}")
    return pages.document(request, found, GEOJSON)


async def list_items(
    request: Request, session: ReadSession, key: Key, given: dict[str, Any]
) -> Response:
    """Items of a product; a project has none."""
    part = key.id if key.kind == "product" else ""
    if download := await formats.download(request, session, given, _uncounted(part), key.id):
        return download
    page = await search.find_items(session, given, part)
    up = link("collection", address(key))
    return pages.features(request, page, pages.links_of(request, page, up, media=GEOJSON))
