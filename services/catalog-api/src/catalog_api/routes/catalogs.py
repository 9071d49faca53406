"""The registry of catalogs, and what the landing page holds.

STAC API - Multi-Tenant Catalogs 1.0.0-rc.2 (read only) and Children 1.0.0-rc.2.
"""

from typing import Any

from earthcode_common.ogc.links import Link, link
from fastapi import APIRouter, Request, Response

from catalog_api.domain import scoped
from catalog_api.domain.kinds import COLLECTIONS
from catalog_api.domain.links import CATALOGS, ROOT_TITLE
from catalog_api.routes import pages
from catalog_api.routes.landing import ROOT, STAC_VERSION, catalog_address

router = APIRouter(tags=["Catalogs"])


@router.get("/catalogs")
async def get_catalogs(request: Request) -> Response:
    """The catalogs at the top: one of each kind."""
    return _kind_catalogs(request, "catalogs")


@router.get("/children")
async def get_children(request: Request) -> Response:
    """The children of the landing page: the catalog of each kind."""
    return _kind_catalogs(request, "children")


def _kind_catalogs(request: Request, name: str) -> Response:
    links = [link("self", f"{ROOT}/{name}"), link("root", ROOT), link("parent", ROOT)]
    each = [kind_catalog(kind, []) for kind in CATALOGS]
    content = {name: each, "links": links, "numberReturned": len(each), "numberMatched": len(each)}
    return pages.json(request, content)


def kind_catalog(kind: str, children: list[Link]) -> dict[str, Any]:
    title, description = CATALOGS[kind]
    here = catalog_address(kind)
    members = "collections" if kind in COLLECTIONS else "catalogs"
    paged = f"{title}, page by page"
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
            *scoped.scope_links(here),
            link("children", f"{here}/children", title=paged),
            *([link("catalogs", f"{here}/catalogs", title=paged)] if members == "catalogs" else []),
            *children,
        ],
    }
