"""The landing page and what the API conforms to."""

from typing import Any

from earthcode_common.ogc import conformance
from earthcode_common.ogc.entities import BASE, FOLDERS
from earthcode_common.ogc.links import GEOJSON, HTML, OPENAPI, SCHEMA, link

from catalog_api.domain.links import CATALOGS, OGC_REL, ROOT_TITLE

STAC_VERSION = "1.0.0"
ROOT = f"{BASE}/stac"
ITEM_QUERYABLES, ITEM_SORTABLES = f"{ROOT}/queryables", f"{ROOT}/sortables"
COLLECTION_QUERYABLES = f"{ROOT}/collections-queryables"
COLLECTION_SORTABLES = f"{ROOT}/collections-sortables"
STAC_API = "https://api.stacspec.org/v1.0.0/"
CQL2 = (
    *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators"),
    *("case-insensitive-comparison", "accent-insensitive-comparison"),
    *("basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions"),
    *("temporal-functions", "array-functions", "property-property", "arithmetic"),
)
CATALOGS_EXT = ("", "/search")
BINDINGS = ("item-search", "ogcapi-features", "collection-search")


def _bound(version: str, extension: str) -> list[str]:
    """The classes of an extension for search, Items of a Collection, and Collections."""
    return [f"https://api.stacspec.org/{version}/{place}#{extension}" for place in BINDINGS]


CONFORMS_TO = [
    *conformance.classes(STAC_API, "core", "collections", "ogcapi-features", "item-search"),
    *conformance.classes(conformance.FEATURES_1, "core", "geojson", "html", "oas30"),
    *conformance.classes(conformance.COMMON_1, "core", "landing-page", "json", "html", "oas30"),
    *conformance.classes(conformance.COMMON_2, "collections", "json", "html", "simple-query"),
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search",
    *_bound("v1.0.0-rc.1", "free-text"),
    # Clients look for either version; what is new in 1.1 are the sortables.
    *_bound("v1.0.0", "sort"),
    *_bound("v1.1.0", "sort"),
    *_bound("v1.0.0", "fields"),
    *_bound("v1.0.0", "query"),
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search#query",
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search#filter",
    *(f"https://api.stacspec.org/v0.3.0/aggregation{part}" for part in ("", "#query", "#filter")),
    *conformance.classes(conformance.FEATURES_3, "filter", "features-filter", "queryables"),
    *conformance.classes(conformance.CQL2, *CQL2),
    "https://api.stacspec.org/v1.0.0-rc.1/collection-search#fields",
    "https://api.stacspec.org/v1.0.0-rc.2/children",
    "https://api.stacspec.org/v1.0.0-rc.3/browseable",
    *(f"https://api.stacspec.org/v1.0.0-rc.2/multi-tenant-catalogs{part}" for part in CATALOGS_EXT),
    "https://api.stacspec.org/v1.0.0/ogcapi-features/extensions/transaction",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/simpletx",
]
COLLECTION_LINKS = [
    link(f"{OGC_REL}queryables", COLLECTION_QUERYABLES, SCHEMA, "What filters may name"),
    link(f"{OGC_REL}sortables", COLLECTION_SORTABLES, SCHEMA, "What Collections can be sorted by"),
    link("aggregate", f"{ROOT}/collections-aggregate", title="Counts of Collections"),
    link("aggregations", f"{ROOT}/collections-aggregations", title="What can be counted"),
]
DESCRIPTION = (
    "Products, projects and vocabularies of the EarthCODE community: what was found out about the"
    " Earth, in a form that can be found, cited and reproduced"
)


def landing_page() -> dict[str, Any]:
    """STAC API 1.0.0, core: a Catalog with ``conformsTo``."""
    children = [
        link("child", catalog_address(kind), title=title) for kind, (title, _) in CATALOGS.items()
    ]
    return {
        "type": "Catalog",
        "id": "earthcode",
        "stac_version": STAC_VERSION,
        "title": ROOT_TITLE,
        "description": DESCRIPTION,
        "conformsTo": CONFORMS_TO,
        "links": [
            link("self", ROOT, title=ROOT_TITLE),
            link("root", ROOT, title=ROOT_TITLE),
            link("alternate", f"{ROOT}?f=html", HTML, "This page for people"),
            link("service-desc", f"{ROOT}/api", OPENAPI, "OpenAPI document"),
            link("service-doc", f"{ROOT}/api?f=html", HTML, "What can be asked, for people"),
            link("conformance", f"{ROOT}/conformance", title="Conformance classes"),
            link("data", f"{ROOT}/collections", title="Products and projects as Collections"),
            link("search", f"{ROOT}/search", GEOJSON, "Item search") | {"method": "GET"},
            link("search", f"{ROOT}/search", GEOJSON, "Item search") | {"method": "POST"},
            link(f"{OGC_REL}queryables", ITEM_QUERYABLES, SCHEMA, "What filters may name"),
            link(f"{OGC_REL}sortables", ITEM_SORTABLES, SCHEMA, "What Items can be sorted by"),
            link("aggregate", f"{ROOT}/aggregate", title="Counts of Items") | {"method": "GET"},
            link("aggregate", f"{ROOT}/aggregate", title="Counts of Items") | {"method": "POST"},
            link("aggregations", f"{ROOT}/aggregations", title="What can be counted"),
            link("catalogs", f"{ROOT}/catalogs", title="The catalog of each kind"),
            link("children", f"{ROOT}/children", title="The catalog of each kind"),
            *children,
        ],
    }


def catalog_address(kind: str) -> str:
    return f"{ROOT}/catalogs/{FOLDERS[kind]}"
