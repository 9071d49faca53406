"""The landing page and the catalogues of records as DataCatalogs of schema.org."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from earthcode_common.html.loose import listed, mapping, mappings, text, texts

from records_api.representations.schema_org import PROFILE


def catalog(document: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """The landing page or a catalogue of records."""
    links = mappings(document.get("links"))
    here = next((text(one.get("href")) for one in links if one.get("rel") == "self"), "")
    root = f"{public_url}/records"
    made = {
        "@context": PROFILE,
        "@id": here,
        "@type": "DataCatalog",
        "name": text(document.get("title")),
        "description": text(document.get("description")),
        "url": here,
        "keywords": texts(document.get("keywords")),
        "isPartOf": {"@type": "DataCatalog", "@id": root, "url": root} if here != root else None,
        "hasPart": list(_parts(links)) if here == root else None,
        "isAccessibleForFree": True,
        **_extent(mapping(document.get("extent"))),
    }
    return {name: value for name, value in made.items() if value}


def _parts(links: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in links:
        href = text(one.get("href"))
        if text(one.get("rel")).endswith("/ogc-catalog") and href.endswith("/items"):
            about = href.removesuffix("/items")
            name = text(one.get("title"))
            yield {"@type": "DataCatalog", "@id": about, "name": name, "url": about}


def _extent(extent: Mapping[str, Any]) -> dict[str, Any]:
    boxes = listed(mapping(extent.get("spatial")).get("bbox"))
    pairs = listed(mapping(extent.get("temporal")).get("interval"))
    made: dict[str, Any] = {}
    if boxes:
        west, south, east, north = boxes[0]
        geo = {"@type": "GeoShape", "box": f"{south:g} {west:g} {north:g} {east:g}"}
        made["spatialCoverage"] = {"@type": "Place", "geo": geo}
    if pairs:
        made["temporalCoverage"] = "/".join(end or ".." for end in pairs[0])
    return made
