"""What is below a catalog: its children, their Items, and search among them.

Each catalog is at ``/catalogs/{id}`` (STAC API - Multi-Tenant Catalogs), and, as ids of themes,
variables and missions may be the same, at ``/catalogs/{kind}/catalogs/{id}``, its own address.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

import sqlalchemy as sa
from earthcode_common.db import Reading, ReadSession
from earthcode_common.ogc.entities import FOLDERS, KIND_OF, SAFE, VOCABULARIES, Key, address
from earthcode_common.ogc.links import GEOJSON, link
from earthcode_common.ogc.query import Page, Stored
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Body, Depends, Path, Request, Response

from catalog_api import store
from catalog_api.domain import scoped
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.domain.links import CATALOGS
from catalog_api.domain.scoped import Catalog
from catalog_api.routes import formats, landing, models, pages, parameters, search
from catalog_api.routes.catalogs import kind_catalog
from catalog_api.routes.item_links import with_items
from catalog_api.routes.landing import ROOT, catalog_address
from catalog_api.routes.parameters import only_json

Folder = Annotated[
    str,
    Path(
        description="The catalog of a kind",
        json_schema_extra={"enum": [FOLDERS[kind] for kind in VOCABULARIES]},
    ),
]
CatalogId = Annotated[str, Path(description="Id of a Catalog")]
Asked = Annotated[models.CollectionsGet, Depends(models.CollectionsGet)]
router = APIRouter(tags=["Catalogs"])


async def flat(session: Reading, catalog_id: CatalogId) -> Catalog:
    """The catalog of a kind, else the theme, variable or mission of that id."""
    if KIND_OF.get(catalog_id) in CATALOGS:
        return Catalog(KIND_OF[catalog_id], None, catalog_address(KIND_OF[catalog_id]))
    for kind in VOCABULARIES:
        if await store.entries.get(session, kind, catalog_id):
            return Catalog(kind, catalog_id, f"{ROOT}/catalogs/{quote(catalog_id, safe=SAFE)}")
    raise NotFound(f"There is no Catalog {catalog_id!r}", hint="those at the top: /stac/catalogs")


async def nested(session: Reading, kind: Folder, catalog_id: CatalogId) -> Catalog:
    key = Key(KIND_OF.get(kind, ""), catalog_id)
    if key.kind not in VOCABULARIES or not await store.entries.get(session, *key):
        raise NotFound(f"There is no Catalog {catalog_id!r} among {kind!r}")
    return Catalog(key.kind, catalog_id, address(key))


def add(prefix: str, resolve: Any) -> None:
    """The same routes below either address."""

    @router.get(prefix)
    async def get_catalog(
        request: Request, session: Reading, catalog: Catalog = Depends(resolve)
    ) -> Response:
        """The catalog, with child links to its members."""
        return await _catalog(request, session, catalog)

    @router.get(f"{prefix}/conformance")
    async def get_catalog_conformance(
        request: Request, catalog: Catalog = Depends(resolve)
    ) -> Response:
        """All that can be done at the landing page can be done here."""
        return pages.json(request, {"conformsTo": landing.CONFORMS_TO}, lasting=True)

    @router.get(f"{prefix}/children")
    async def get_catalog_children(
        request: Request, session: Reading, asked: Asked, catalog: Catalog = Depends(resolve)
    ) -> Response:
        """Its Catalogs and Collections, page by page."""
        return await _members(request, session, catalog, asked, "children", CATALOGS)

    @router.get(f"{prefix}/catalogs")
    async def get_catalog_catalogs(
        request: Request, session: Reading, asked: Asked, catalog: Catalog = Depends(resolve)
    ) -> Response:
        """Its Catalogs, page by page."""
        return await _members(request, session, catalog, asked, "catalogs", VOCABULARIES)

    @router.get(f"{prefix}/collections")
    async def get_catalog_collections(
        request: Request, session: Reading, asked: Asked, catalog: Catalog = Depends(resolve)
    ) -> Response:
        """Its Collections, page by page."""
        return await _members(request, session, catalog, asked, "collections", COLLECTIONS)

    @router.get(f"{prefix}/collections/{{collection_id}}")
    async def get_catalog_collection(
        request: Request,
        session: Reading,
        collection_id: models.CollectionId,
        catalog: Catalog = Depends(resolve),
    ) -> Response:
        """A Collection as a part of the catalog."""
        found = await _collection(session, catalog, collection_id)
        found = await with_items(session, found)
        return pages.document(request, _placed(found, catalog))

    @router.get(f"{prefix}/collections/{{collection_id}}/items")
    async def get_catalog_items(
        request: Request,
        session: Reading,
        asked: Annotated[models.ItemsGet, Depends(models.ItemsGet)],
        catalog: Catalog = Depends(resolve),
    ) -> Response:
        given = asked.kwargs()
        found = await _collection(session, catalog, given.pop("collection_id"))
        return await _items(request, session, catalog, found, given)

    @router.get(f"{prefix}/collections/{{collection_id}}/items/{{item_id}}")
    async def get_catalog_item(
        request: Request,
        session: Reading,
        collection_id: models.CollectionId,
        item_id: models.ItemId,
        catalog: Catalog = Depends(resolve),
    ) -> Response:
        found = await _collection(session, catalog, collection_id)
        item = await store.items.get(session, collection_id, item_id)
        if item is None or found.part != "product":
            raise NotFound(f"There is no Item {item_id!r} in the Collection {collection_id!r}")
        doc = scoped.item(item.doc, catalog.collection(collection_id))
        return pages.document(request, replace(item, doc=doc), GEOJSON)

    @router.get(f"{prefix}/search")
    async def get_catalog_search(
        request: Request,
        session: Reading,
        asked: Annotated[models.SearchGet, Depends(models.SearchGet)],
        catalog: Catalog = Depends(resolve),
    ) -> Response:
        """Items of the Collections below the catalog."""
        given, find = asked.kwargs(), _finder(catalog)
        if download := await formats.download(request, session, given, find):
            return download
        page = await _search(session, catalog, given)
        return pages.features(request, page, pages.links_of(request, page, media=GEOJSON))

    @router.post(f"{prefix}/search", dependencies=[Depends(only_json)])
    async def post_catalog_search(
        request: Request,
        session: Reading,
        asked: Annotated[models.SearchPost, Body()],
        catalog: Catalog = Depends(resolve),
    ) -> Response:
        """The same with a body."""
        body = asked.asked()
        if download := await formats.download(request, session, body, _finder(catalog)):
            return download
        page = await _search(session, catalog, body)
        return pages.features(request, page, pages.post_links(request, page, body))


add("/catalogs/{kind}/catalogs/{catalog_id}", nested)
add("/catalogs/{catalog_id}", flat)


async def _catalog(request: Request, session: Reading, catalog: Catalog) -> Response:
    if catalog.id is not None:
        found = await store.entries.get(session, catalog.kind, catalog.id)
        if found is None:
            raise NotFound(f"There is no Catalog {catalog.id!r}")
        doc = scoped.catalog(found.doc, Key(catalog.kind, catalog.id), catalog.address)
        return pages.document(request, replace(found, doc=doc))
    members = await store.titles(session, catalog.kind)
    if catalog.kind in COLLECTIONS:
        children = [link("child", catalog.collection(m.key.id), title=m.title) for m in members]
    else:
        children = [link("child", address(one.key), title=one.title) for one in members]
    return pages.json(request, kind_catalog(catalog.kind, children))


async def _members(
    request: Request,
    session: Reading,
    catalog: Catalog,
    asked: models.CollectionsGet,
    name: str,
    kinds: Collection[str],
) -> Response:
    below, where = _below(catalog)
    wanted = [kind for kind in below if kind in kinds]
    page = await search.find_collections(session, asked.kwargs(), wanted, where)
    page = replace(page, items=[_placed(one, catalog) for one in page.items])
    up = link("parent", catalog.address)
    return pages.members(request, name, page, pages.links_of(request, page, up))


def _below(catalog: Catalog) -> tuple[list[str], sa.ColumnElement[bool] | None]:
    """The kinds of a catalog's children, and which of those they are."""
    if catalog.id is None:
        return [catalog.kind], None
    return ["product"], store.linked_with(Key(catalog.kind, catalog.id))


def _placed(one: Stored, catalog: Catalog) -> Stored:
    key = Key(one.part, one.id)
    if one.part in VOCABULARIES:
        return replace(one, doc=scoped.catalog(one.doc, key, address(key)))
    return replace(one, doc=scoped.collection(one.doc, catalog, one.id))


async def _collection(session: Reading, catalog: Catalog, id: str) -> Stored:
    for kind in COLLECTIONS:
        if catalog.holds(kind):
            found = await store.entries.get(session, kind, id)
            if found and (catalog.id is None or await _refers(session, id, catalog)):
                return found
    raise NotFound(f"There is no Collection {id!r} in this catalog")


async def _refers(session: Reading, id: str, catalog: Catalog) -> bool:
    return await store.refers(session, id, Key(catalog.kind, catalog.id or ""))


async def _items(
    request: Request, session: Reading, catalog: Catalog, found: Stored, given: dict[str, Any]
) -> Response:
    part, here = found.id if found.part == "product" else "", catalog.collection(found.id)

    async def find(session: ReadSession, asked: Mapping[str, Any], *, count: bool = False) -> Page:
        page = await search.find_items(session, asked, part, count=count)
        items = [replace(one, doc=scoped.item(one.doc, here)) for one in page.items]
        return replace(page, items=items)

    if download := await formats.download(request, session, given, find, found.id):
        return download
    page = await find(session, given, count=True)
    up = (link("collection", here), link("parent", here))
    return pages.features(request, page, pages.links_of(request, page, *up, media=GEOJSON))


def _finder(catalog: Catalog) -> formats.FindPage:
    async def find(session: ReadSession, given: Mapping[str, Any]) -> Page:
        return await _search(session, catalog, given, count=False)

    return find


async def _search(
    session: ReadSession, catalog: Catalog, given: Mapping[str, Any], *, count: bool = True
) -> Page:
    """Collections outside of the catalog are as if they were not there."""
    if catalog.kind == "product":
        return await search.find_items(session, given, count=count)
    below = await store.products_below(session, catalog.kind, catalog.id)
    asked = parameters.item_query({"collections": given.get("collections")}).parts
    if asked is not None:
        wanted = set(asked)
        below = [id for id in below if id in wanted]
    return await search.find_items(session, {**given, "collections": below}, count=count)
