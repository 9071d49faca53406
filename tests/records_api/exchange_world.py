"""Served records of the real catalogue in the formats of others, and how to read these."""

from collections.abc import AsyncIterator
from typing import Any

from lxml import etree
from rdflib import Graph

from tests.records_api.records_world import Neighbours, Version

CATALOGUES = ("workflows", "experiments", "products", "reproductions")
REPRODUCTION = "0197-again"


def with_some_products(real: Neighbours) -> list[Version]:
    """The real records, each twentieth product, and all that these and the records name."""
    records = [one for one in real.versions if one.kind in ("workflow", "experiment")]
    products = [one for one in real.versions if one.kind == "product"]
    told = "".join(one.text for one in records)
    some = [one for n, one in enumerate(products) if n % 20 == 0 or f"/{one.id}/" in told]
    told += "".join(one.text for one in some)
    rest = [one for one in real.versions if one.kind not in ("workflow", "experiment", "product")]
    return [*records, *some, *(one for one in rest if f"/{one.id}/" in told)]


async def polaris_again(service: Any) -> dict[str, Any]:
    """The record of a reproduction, as the reproducer writes it."""
    experiment = await service.record("experiments", "polaris")
    properties = {
        "type": "reproduction",
        "title": "Reproduction of POLARIS: identical",
        "description": "Run again on another platform.",
        "created": "2026-04-01T10:00:00Z",
        "updated": "2026-04-01T10:00:00Z",
        "osc:experiment": experiment["id"],
        "osc:workflow": experiment["properties"]["osc:workflow"],
        "osc:products": ["polaris"],
        "verdict": "identical",
    }
    about = {"id": REPRODUCTION, "type": "Feature", "geometry": None}
    return about | {"properties": properties, "links": []}


async def each(service: Any, format: str) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
    """(JSON, representation) of every record, as a harvester gets them."""
    for name in CATALOGUES:
        page = await service.get(f"/collections/{name}/items", params={"limit": 1000})
        assert page["features"], name
        for record in page["features"]:
            href = f"/records/collections/{name}/items/{record['id']}"
            answer = await service.client.get(href, params={"f": format})
            assert answer.status_code == 200, (href, answer.text)
            yield record, answer.content


def graph(data: bytes, format: str) -> Graph:
    return Graph().parse(data=data, format=format)


def tree(data: bytes) -> Any:
    return etree.fromstring(data)
