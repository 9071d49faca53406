"""All that can be fetched from a small catalogue, by the OpenAPI document: new routes join."""

from typing import Any

from tests.catalog_api.samples import catalog, collection_of, item, product

ITEM = {"collection_id": "sea-ice", "item_id": "i1"}
# Values for the parts of paths: what is at the top, and what is below it.
VALUES = (
    ITEM | {"catalog_id": "products"},
    ITEM | {"catalog_id": "cryosphere", "kind": "themes"},
)


async def fill(catalogue: Any, headers: dict[str, str], *items: dict[str, Any]) -> None:
    """A theme, a variable, a project and two products, of which one has Items."""
    await catalogue.publish("theme", catalog("cryosphere"))
    await catalogue.publish("variable", catalog("ice-thickness"))
    await catalogue.publish("project", product("arctic", **{"osc:type": "project"}))
    for id in ("sea-ice", "bare"):
        await catalogue.publish("product", product(id))
    answer = await catalogue.client.post(
        "/stac/collections/sea-ice/items", json=collection_of(*items or _items()), headers=headers
    )
    assert answer.status_code == 201, answer.text


def _items() -> list[dict[str, Any]]:
    return [item(f"i{n}", properties={"datetime": f"202{n}-01-01T00:00:00Z"}) for n in range(3)]


async def addresses(catalogue: Any) -> list[str]:
    """The address of every GET operation; counts are asked for by name."""
    paths = (await catalogue.get("/stac/api"))["paths"]
    found = {
        path.format(**values)
        for path, operations in paths.items()
        for values in VALUES
        if "get" in operations and ("{kind}" not in path or "kind" in values)
    }
    return sorted(f"{path}{_asked(path)}" for path in found)


def _asked(path: str) -> str:
    return "?aggregations=total_count" if path.endswith("aggregate") else ""


def asking(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


async def posts(catalogue: Any) -> list[str]:
    """Searches and counts that take a body."""
    paths = (await catalogue.get("/stac/api"))["paths"]
    found = {
        path.format(**values)
        for path, operations in paths.items()
        for values in VALUES
        if "post" in operations and path.endswith(("/search", "/aggregate"))
        if "{kind}" not in path or "kind" in values
    }
    return sorted(found)
