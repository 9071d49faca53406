"""The landing page, the record collections, and what is conformed to."""

from typing import Any, NamedTuple

from earthcode_common.ogc import conformance
from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.entities import BASE, FOLDERS
from earthcode_common.ogc.links import GEOJSON, JSON, OPENAPI, Link, link
from earthcode_common.ogc.store import Extent

from records_api.domain.links import CATALOG_JSON

ROOT = f"{BASE}/records"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CATALOG_PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-catalog"
CATALOG_REL = "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog"
CONFORMANCE_REL = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
DATA_REL = "http://www.opengis.net/def/rel/ogc/1.0/data"
TITLE = "EarthCODE Records"
DESCRIPTION = (
    "Workflows, experiments and reproductions of the EarthCODE community, as OGC API - Records"
)
# Table 1 of 20-004r1, clause 2; Annex A spells some of them otherwise, which readers look for too.
CONFORMS_TO = [
    *conformance.classes(conformance.COMMON_1, "core", "landing-page", "json", "oas30"),
    *conformance.classes(conformance.COMMON_2, "collections"),
    *conformance.classes(conformance.FEATURES_1, "core", "geojson", "oas30"),
    *conformance.classes(
        conformance.RECORDS_1,
        *("record-core", "record-collection", "record-core-query-parameters"),
        *("record-api", "records-api", "searchable-catalog", "json", "oas30", "autodiscovery"),
    ),
]


class About(NamedTuple):
    title: str
    description: str


COLLECTIONS = {
    "workflow": About("Workflows", "Geoscience workflows: methods that experiments apply"),
    "experiment": About(
        "Experiments", "Workflows with their inputs, configuration and environment"
    ),
    "reproduction": About("Reproductions", "Experiments that were run again, with the verdict"),
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
            link("service-desc", f"{ROOT}/api", OPENAPI, "OpenAPI document"),
            link("conformance", f"{ROOT}/conformance", title="Conformance classes"),
            link(CONFORMANCE_REL, f"{ROOT}/conformance", title="Conformance classes"),
            link("data", f"{ROOT}/collections", title="Collections of records"),
            link(DATA_REL, f"{ROOT}/collections", title="Collections of records"),
            *catalogs,
        ],
    }


def collection(kind: str, extent: Extent) -> dict[str, Any]:
    """OGC API - Records ``collection.yaml``; ``extent`` encloses what all its records have."""
    about = COLLECTIONS[kind]
    found: dict[str, Any] = {
        "id": FOLDERS[kind],
        "type": "Collection",
        "itemType": "record",
        "title": about.title,
        "description": about.description,
        "crs": [CRS84],
        "links": _links(kind),
    }
    if known := _extent(extent):
        found["extent"] = known
    return found


def _address(kind: str) -> str:
    return f"{ROOT}/collections/{FOLDERS[kind]}"


def _links(kind: str) -> list[Link]:
    here = _address(kind)
    return [
        link("self", here, CATALOG_JSON),
        link("alternate", f"{here}?f=json", JSON),
        link("items", f"{here}/items", GEOJSON, COLLECTIONS[kind].title),
        link("root", ROOT, title=TITLE),
        link("parent", f"{ROOT}/collections", title="Collections of records"),
        link("profile", CATALOG_PROFILE, None),
    ]


def _extent(extent: Extent) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if extent.bbox:
        found["spatial"] = {"bbox": [list(extent.bbox)], "crs": CRS84}
    if extent.interval:
        ends = [end and format_instant(end) for end in extent.interval]
        found["temporal"] = {"interval": [ends]}
    return found


def collections(found: list[dict[str, Any]]) -> dict[str, Any]:
    here = f"{ROOT}/collections"
    links = [link("self", here), link("root", ROOT, title=TITLE), link("parent", ROOT)]
    return {
        "links": links,
        "collections": found,
        "numberMatched": len(found),
        "numberReturned": len(found),
    }
