"""Documents as platforms write them, with what every one of them has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

THEMES = "https://github.com/stac-extensions/osc#theme"


def product(id: str = "sea-ice", **members: Any) -> dict[str, Any]:
    """A product with what every product has."""
    return {
        "type": "Collection",
        "id": id,
        "stac_version": "1.0.0",
        "title": f"Product {id}",
        "description": "Sea ice thickness of the Arctic",
        "license": "CC-BY-4.0",
        "extent": {
            "spatial": {"bbox": [[-180, 60, 180, 90]]},
            "temporal": {"interval": [["2010-01-01T00:00:00Z", "2020-12-31T23:59:59Z"]]},
        },
        "links": [],
        "osc:type": "product",
        "osc:project": "arctic",
        "osc:variables": ["ice-thickness"],
        "osc:missions": ["cryosat-2"],
        "themes": [{"scheme": THEMES, "concepts": [{"id": "cryosphere"}]}],
    } | members


def item(id: str = "one", **members: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": id,
        "geometry": {"type": "Point", "coordinates": [10, 50]},
        "bbox": [10, 50, 10, 50],
        "properties": {"datetime": "2020-06-01T00:00:00Z"},
        "links": [],
        "assets": {"data": {"href": "./one.nc"}},
    } | members


def catalog(id: str, title: str = "") -> dict[str, Any]:
    return {
        "type": "Catalog",
        "id": id,
        "stac_version": "1.0.0",
        "title": title or id.capitalize(),
        "description": f"All about {id}",
        "links": [],
    }


def collection_of(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(items)}


def rels(document: dict[str, Any], rel: str) -> list[str]:
    """The addresses of the links of that relation."""
    return [link["href"] for link in document["links"] if link["rel"] == rel]


def without_links(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "links"}


def real_items(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The Items beside the products of a catalogue on disk, with the ids of those."""
    for path in sorted(folder.glob("products/*/*.json")):
        document = json.loads(path.read_text("utf-8"))
        if document.get("type") == "Feature":
            yield path.parent.name, document
