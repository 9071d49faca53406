"""Every Item can be reached by child and item links (STAC API - Browseable 1.0.0-rc.3).

A Collection links to its Items when they are few, else to catalogs of so many Items each.
"""

from typing import Annotated, Any

from earthcode_common.db import Reading
from earthcode_common.ogc.entities import Key, address
from earthcode_common.ogc.links import Link, link, with_query
from fastapi import APIRouter, Query, Request, Response

from catalog_api import store
from catalog_api.domain.links import ROOT_TITLE
from catalog_api.routes import core, models, pages
from catalog_api.routes.item_links import item_links
from catalog_api.routes.landing import ROOT, STAC_VERSION

GROUP = 1000  # Items of a catalog
router = APIRouter(tags=["Catalogs"])
From = Annotated[str | None, Query(alias="from", description="The first id")]
To = Annotated[str | None, Query(description="The id after the last one")]


@router.get("/collections/{collection_id}/browse")
async def browse_items(
    request: Request,
    session: Reading,
    collection_id: models.CollectionId,
    first: From = None,
    to: To = None,
) -> Response:
    """The Items of a Collection as Catalogs: one with child links, or one with item links."""
    await core.collection(session, collection_id)
    above = address(Key("product", collection_id))
    here = f"{above}/browse"
    if first is None and to is None:
        firsts = await store.item_groups(session, collection_id, GROUP)
        links = [
            _group(here, start, end)
            for start, end in zip(firsts, [*firsts[1:], None], strict=False)
        ]
        return pages.json(request, _catalog(collection_id, "items", here, above, links))
    ids = await store.item_ids(session, collection_id, 10 * GROUP, first or "", to)
    links = item_links(collection_id, ids)
    group = _group(here, first or "", to)["href"]
    return pages.json(request, _catalog(collection_id, f"items from {first}", group, here, links))


def _group(here: str, first: str, end: str | None) -> Link:
    ends = {"from": first} | ({"to": end} if end is not None else {})
    return link("child", with_query(here, ends), title=f"From {first}")


def _catalog(product: str, name: str, here: str, parent: str, links: list[Link]) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "id": f"{product} {name}",
        "stac_version": STAC_VERSION,
        "title": f"{product}: {name}",
        "description": f"The {name} of the Collection {product}, in the order of their ids",
        "links": [
            link("self", here),
            link("root", ROOT, title=ROOT_TITLE),
            link("parent", parent),
            *links,
        ],
    }
