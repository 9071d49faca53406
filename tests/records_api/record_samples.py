"""Documents as platforms write them."""

from typing import Any

CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"
PROFILE = "http://www.opengis.net/def/profile/OGC/0/ogc-record"


def collection(id: str, bbox: Any = None, interval: Any = None, **members: Any) -> dict[str, Any]:
    """A product or a project."""
    extent = {
        "spatial": {"bbox": [[-180, 60, 180, 90]] if bbox is None else bbox},
        "temporal": {
            "interval": [["2010-01-01T00:00:00Z", None]] if interval is None else interval
        },
    }
    made = {"type": "Collection", "id": id, "title": f"The {id}", "extent": extent, "links": []}
    return made | members


def record(id: str, kind: str, *, links: Any = (), **properties: Any) -> dict[str, Any]:
    return {
        "id": id,
        "type": "Feature",
        "conformsTo": [CORE],
        "geometry": None,
        "properties": {
            "type": kind,
            "title": f"{kind.capitalize()} {id}",
            "description": "Melting of sea ice",
            "keywords": ["sea ice", "Grönland"],
        }
        | properties,
        "linkTemplates": [],
        "links": list(links),
    }


def workflow(id: str = "melt", **more: Any) -> dict[str, Any]:
    return record(id, "workflow", **({"osc:project": "arctic"} | more))


def experiment(id: str = "melt-2020", **more: Any) -> dict[str, Any]:
    return record(id, "experiment", **({"osc:workflow": "melt"} | more))


def to(path: str, rel: str = "related") -> dict[str, str]:
    return {"rel": rel, "href": path, "type": "application/json", "title": "Some title"}


def rels(document: dict[str, Any], rel: str) -> list[str]:
    return [link["href"] for link in document["links"] if link["rel"] == rel]
