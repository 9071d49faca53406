"""The landing page and the catalogues of records: searchable, local resources, crawlable."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.entities import BASE, FOLDERS, Key
from earthcode_common.ogc.links import GEOJSON, JSON, OPENAPI, SCHEMA, Link, link
from earthcode_common.ogc.store import Extent

from records_api.domain import conformance, local
from records_api.domain.links import CATALOG_JSON, alternates, record_address
from records_api.domain.queryables import DEFAULT_ORDER

ROOT = f"{BASE}/records"
COLLECTIONS_HERE = f"{ROOT}/collections"
CRAWLABLE_HERE = f"{ROOT}/catalogs"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CATALOG_PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-catalog"
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CATALOG_REL, DATA_REL = f"{OGC_REL}ogc-catalog", f"{OGC_REL}data"
CONFORMANCE_REL = f"{OGC_REL}conformance"
QUERYABLES_REL, SORTABLES_REL = f"{OGC_REL}queryables", f"{OGC_REL}sortables"
FACETS = "application/facets+json"
TITLE = "EarthCODE Records"
DESCRIPTION = (
    "Workflows, experiments, reproductions and products of the EarthCODE community, as"
    " OGC API - Records"
)


class About(NamedTuple):
    title: str
    description: str
    keywords: list[str]


COLLECTIONS = {
    "workflow": About(
        "Workflows",
        "Geoscience workflows: methods that experiments apply",
        ["workflow", "method", "Earth observation"],
    ),
    "experiment": About(
        "Experiments",
        "Workflows with their inputs, configuration and environment",
        ["experiment", "reproducibility", "Earth observation"],
    ),
    "reproduction": About(
        "Reproductions",
        "Experiments that were run again, with the verdict",
        ["reproduction", "reproducibility", "verdict"],
    ),
    "product": About(
        "Products",
        "Outcomes of experiments: records of the Collections that the STAC API serves",
        ["product", "data set", "Earth observation"],
    ),
}


def landing_page() -> dict[str, Any]:
    catalogs = [
        link(CATALOG_REL, f"{_address(kind)}/items", GEOJSON, about.title)
        for kind, about in COLLECTIONS.items()
    ]
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "links": [
            link("self", ROOT, title=TITLE),
            alternates("landing", ROOT),
            link("service-desc", f"{ROOT}/api", OPENAPI, "OpenAPI document"),
            link("conformance", f"{ROOT}/conformance", title="Conformance classes"),
            link(CONFORMANCE_REL, f"{ROOT}/conformance", title="Conformance classes"),
            link("data", COLLECTIONS_HERE, title="Catalogues of records"),
            link(DATA_REL, COLLECTIONS_HERE, title="Catalogues of records"),
            *catalogs,
            link(CATALOG_REL, COLLECTIONS_HERE, JSON, "The catalogues, searchable themselves"),
            link(CATALOG_REL, CRAWLABLE_HERE, CATALOG_JSON, "The catalogues, to be crawled"),
        ],
    }


def collection(kind: str, extent: Extent) -> dict[str, Any]:
    """OGC API - Records ``collection.yaml``; ``extent`` encloses what all its records have."""
    about = COLLECTIONS[kind]
    return {
        "id": FOLDERS[kind],
        "type": "Collection",
        "itemType": "record",
        "title": about.title,
        "description": about.description,
        "keywords": about.keywords,
        "conformsTo": conformance.CATALOG,
        "crs": [CRS84],
        "extent": _extent(extent),
        "defaultSortOrder": _order(DEFAULT_ORDER),
        "links": _links(kind),
    }


def _order(keys: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": name, "direction": direction} for name, direction in keys]


def _address(kind: str) -> str:
    return f"{COLLECTIONS_HERE}/{FOLDERS[kind]}"


def _links(kind: str) -> list[Link | str]:
    here, about = _address(kind), COLLECTIONS[kind]
    return [
        link("self", here, CATALOG_JSON),
        alternates("catalog", here),
        link("items", f"{here}/items", GEOJSON, about.title),
        link("items", f"{here}/items?f=json", JSON, about.title),
        link("root", ROOT, title=TITLE),
        link("parent", COLLECTIONS_HERE, title="Catalogues of records"),
        link("profile", CATALOG_PROFILE, None),
        link(QUERYABLES_REL, f"{here}/queryables", SCHEMA, "What filters may name"),
        link(SORTABLES_REL, f"{here}/sortables", SCHEMA, "What records can be sorted by"),
        link("facets", f"{here}/facets", FACETS, "What can be counted"),
        link("related", f"{CRAWLABLE_HERE}/{FOLDERS[kind]}", CATALOG_JSON, "To be crawled"),
    ]


def _extent(extent: Extent) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if extent.bbox:
        found["spatial"] = {"bbox": [list(extent.bbox)], "crs": CRS84}
    if extent.interval:
        ends = [end and format_instant(end) for end in extent.interval]
        found["temporal"] = {"interval": [ends]}
    return found


def collections(
    found: Sequence[Mapping[str, Any]], matched: int, own: Sequence[Link]
) -> dict[str, Any]:
    """The local resources catalogue (20-004r1, clause 9); ``own``: ``self``, perhaps ``next``."""
    here = COLLECTIONS_HERE
    return {
        "id": "collections",
        "type": "Collection",
        "itemType": "catalog",
        "title": "Catalogues of records",
        "description": DESCRIPTION,
        "conformsTo": conformance.LOCAL,
        "recordsArrayName": "collections",
        "defaultSortOrder": _order(local.DEFAULT_ORDER),
        "links": [
            *own,
            alternates("document", here),
            link("root", ROOT, title=TITLE),
            link("parent", ROOT, title=TITLE),
            link("profile", CATALOG_PROFILE, None),
            link(QUERYABLES_REL, f"{ROOT}/collections-queryables", SCHEMA),
            link(SORTABLES_REL, f"{ROOT}/collections-sortables", SCHEMA),
        ],
        "collections": list(found),
        "numberMatched": matched,
        "numberReturned": len(found),
    }


def crawlable_root() -> dict[str, Any]:
    """A catalogue of the crawlable catalogues (20-004r1, clause 7)."""
    children = [
        link("child", f"{CRAWLABLE_HERE}/{FOLDERS[kind]}", CATALOG_JSON, about.title)
        for kind, about in COLLECTIONS.items()
    ]
    links = [
        link("self", CRAWLABLE_HERE, CATALOG_JSON),
        alternates("catalog", CRAWLABLE_HERE),
        link("root", CRAWLABLE_HERE, CATALOG_JSON),
        link("profile", CATALOG_PROFILE, None),
    ]
    return {
        "id": "catalogs",
        "type": "Collection",
        "itemType": "catalog",
        "title": TITLE,
        "description": DESCRIPTION,
        "conformsTo": conformance.CRAWLABLE,
        "links": [*links, *children],
    }


def crawlable(
    kind: str, extent: Extent, records: Sequence[tuple[str, str | None]], own: Sequence[Link]
) -> dict[str, Any]:
    """A part of a crawlable catalogue: an ``item`` link for each of its ``records``."""
    about, here = COLLECTIONS[kind], f"{CRAWLABLE_HERE}/{FOLDERS[kind]}"
    items = [link("item", record_address(Key(kind, id)), GEOJSON, title) for id, title in records]
    links = [
        *own,
        alternates("catalog", here),
        link("root", CRAWLABLE_HERE, CATALOG_JSON),
        link("parent", CRAWLABLE_HERE, CATALOG_JSON),
        link("profile", CATALOG_PROFILE, None),
        link("related", _address(kind), CATALOG_JSON, "To be searched"),
    ]
    return {
        "id": FOLDERS[kind],
        "type": "Collection",
        "itemType": "record",
        "title": about.title,
        "description": about.description,
        "keywords": about.keywords,
        "conformsTo": conformance.CRAWLABLE,
        "crs": [CRS84],
        "extent": _extent(extent),
        "links": [*links, *items],
    }
