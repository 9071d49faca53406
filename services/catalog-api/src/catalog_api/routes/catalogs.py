"""Browsing: the catalog of each kind, its members, and what refers to them.

Routes and answers of the extensions Multi-Tenant Catalogs (read only) and Children.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.db import Reading
from earthcode_common.ogc.entities import FOLDERS, KIND_OF, VOCABULARIES, Key, address
from earthcode_common.ogc.links import Link, link
from earthcode_common.ogc.query import Stored
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Depends, Path, Request, Response

from catalog_api import store
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.domain.links import CATALOGS, ROOT_TITLE
from catalog_api.routes import core, models, pages, search
from catalog_api.routes.landing import ROOT, STAC_VERSION, catalog_address


def _folder(description: str, kinds: Sequence[str]) -> Any:
    known = [FOLDERS[kind] for kind in kinds]
    return Path(description=description, json_schema_extra={"enum": known})


Folder = Annotated[str, _folder("The catalog of a kind", CATALOG_KINDS)]
CollectionFolder = Annotated[str, _folder("A catalog of Collections", COLLECTIONS)]
VocabularyFolder = Annotated[str, _folder("A catalog of Catalogs", VOCABULARIES)]
router = APIRouter(tags=["Catalogs"])


@router.get("/catalogs")
async def get_catalogs(request: Request) -> Response:
    """The catalog of each kind."""
    return _kind_catalogs(request, "catalogs")


@router.get("/children")
async def get_children(request: Request) -> Response:
    """The children of the landing page: the catalog of each kind."""
    return _kind_catalogs(request, "children")


def _kind_catalogs(request: Request, name: str) -> Response:
    links = [link("self", f"{ROOT}/{name}"), link("root", ROOT), link("parent", ROOT)]
    each = [_catalog(kind, []) for kind in CATALOGS]
    content = {name: each, "links": links, "numberReturned": len(each), "numberMatched": len(each)}
    return pages.json(request, content)


@router.get("/catalogs/{kind}")
async def get_catalog(request: Request, session: Reading, kind: Folder) -> Response:
    """The catalog of a kind, with a child link to each member."""
    name = _kind(kind)
    members = await store.titles(session, name)
    children = [link("child", address(one.key, twin=one.twin), title=one.title) for one in members]
    return pages.json(request, _catalog(name, children))


def _catalog(kind: str, children: list[Link]) -> dict[str, Any]:
    title, description = CATALOGS[kind]
    here = catalog_address(kind)
    members = "collections" if kind in COLLECTIONS else "catalogs"
    rel = "data" if kind in COLLECTIONS else "catalogs"
    return {
        "type": "Catalog",
        "id": here.rpartition("/")[2],
        "stac_version": STAC_VERSION,
        "title": title,
        "description": description,
        "links": [
            link("self", here),
            link("root", ROOT, title=ROOT_TITLE),
            link("parent", ROOT, title=ROOT_TITLE),
            link(rel, f"{here}/{members}", title=f"{title}, page by page"),
            link("children", f"{here}/children", title=f"{title}, page by page"),
            *children,
        ],
    }


Asked = Annotated[models.CollectionsGet, Depends(models.CollectionsGet)]


@router.get("/catalogs/{kind}/children")
async def get_catalog_children(
    request: Request, session: Reading, kind: Folder, asked: Asked
) -> Response:
    """All members of a kind, page by page."""
    return await _members(request, session, _kind(kind), asked, "children")


@router.get("/catalogs/{kind}/collections")
async def get_catalog_collections(
    request: Request, session: Reading, kind: CollectionFolder, asked: Asked
) -> Response:
    """Products, or projects."""
    return await _members(request, session, _kind(kind, COLLECTIONS), asked, "collections")


@router.get("/catalogs/{kind}/catalogs")
async def get_catalog_catalogs(
    request: Request, session: Reading, kind: VocabularyFolder, asked: Asked
) -> Response:
    """Themes, variables, or missions."""
    return await _members(request, session, _kind(kind, VOCABULARIES), asked, "catalogs")


async def _members(
    request: Request, session: Reading, kind: str, asked: models.CollectionsGet, name: str
) -> Response:
    page = await search.find_collections(session, asked.kwargs(), [kind])
    up = link("parent", catalog_address(kind))
    return pages.members(request, name, page, pages.links_of(request, page, up))


@router.get("/catalogs/{kind}/collections/{collection_id}")
async def get_catalog_collection(
    request: Request, session: Reading, kind: CollectionFolder, collection_id: models.CollectionId
) -> Response:
    """A product or a project, at the address where the ids of other kinds cannot collide."""
    return pages.document(request, await _one(session, _kind(kind, COLLECTIONS), collection_id))


@router.get("/catalogs/{kind}/collections/{collection_id}/items")
async def get_catalog_items(
    request: Request,
    session: Reading,
    kind: CollectionFolder,
    asked: Annotated[models.ItemsGet, Depends(models.ItemsGet)],
) -> Response:
    given = asked.kwargs()
    found = await _one(session, _kind(kind, COLLECTIONS), given.pop("collection_id"))
    return await core.list_items(request, session, Key(found.part, found.id), given)


@router.get("/catalogs/products/collections/{collection_id}/items/{item_id}")
async def get_catalog_item(
    request: Request,
    session: Reading,
    collection_id: models.CollectionId,
    item_id: models.ItemId,
) -> Response:
    return await core.one_item(request, session, collection_id, item_id)


@router.get("/catalogs/{kind}/catalogs/{catalog_id}")
async def get_vocabulary(
    request: Request, session: Reading, kind: VocabularyFolder, catalog_id: str
) -> Response:
    """A theme, variable or mission, with child links to the products that refer to it."""
    return pages.document(request, await _one(session, _kind(kind, VOCABULARIES), catalog_id))


@router.get("/catalogs/{kind}/catalogs/{catalog_id}/children")
async def get_vocabulary_children(
    request: Request, session: Reading, kind: VocabularyFolder, catalog_id: str, asked: Asked
) -> Response:
    """The products that refer to a theme, variable or mission."""
    return await _referring(
        request, session, Key(_kind(kind, VOCABULARIES), catalog_id), asked, "children"
    )


@router.get("/catalogs/{kind}/catalogs/{catalog_id}/collections")
async def get_vocabulary_collections(
    request: Request, session: Reading, kind: VocabularyFolder, catalog_id: str, asked: Asked
) -> Response:
    """The products that refer to a theme, variable or mission."""
    return await _referring(
        request, session, Key(_kind(kind, VOCABULARIES), catalog_id), asked, "collections"
    )


async def _referring(
    request: Request, session: Reading, key: Key, asked: models.CollectionsGet, name: str
) -> Response:
    await _one(session, key.kind, key.id)
    linked = store.linked_with(key)
    page = await search.find_collections(session, asked.kwargs(), ["product"], linked)
    up = link("parent", address(key))
    return pages.members(request, name, page, pages.links_of(request, page, up))


def _kind(folder: str, kinds: Sequence[str] = CATALOG_KINDS) -> str:
    kind = KIND_OF.get(folder)
    if kind is None or kind not in kinds:
        known = ", ".join(FOLDERS[one] for one in kinds)
        raise NotFound(f"There is no catalog {folder!r} here", hint=f"there are {known}")
    return kind


async def _one(session: Reading, kind: str, id: str) -> Stored:
    found = await store.entries.get(session, kind, id)
    if found is None:
        raise NotFound(f"There is no {kind} {id!r}")
    return found
