"""A records API as a client sees it, and the register of our tests by identifier."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2

GEOJSON = "application/geo+json"
CATALOG_JSON = "application/ogc-catalog+json"
JSON = "application/json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROFILE = "http://www.opengis.net/def/profile/OGC/0/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CONF = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/"
FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
ITEMS = "/records/collections/{collectionId}/items"
Test = Callable[["Catalogue"], Awaitable[None]]
TESTS: dict[str, Test] = {}


def abstract_test(*identifiers: str) -> Callable[[Test], Test]:
    """Registers a test under its identifiers in Annex A of 20-004r1 or of 17-069r4."""

    def register(test: Test) -> Test:
        for identifier in identifiers:
            assert identifier not in TESTS, identifier
            TESTS[identifier] = test
        return test

    return register


@dataclass
class Catalogue:
    """``api`` is the OpenAPI document, ``classes`` are those of /conformance."""

    client: httpx2.AsyncClient
    root: str
    landing: dict[str, Any]
    classes: list[str]
    api: dict[str, Any]

    @classmethod
    async def of(cls, client: httpx2.AsyncClient) -> "Catalogue":
        root = f"{str(client.base_url).rstrip('/')}/records"
        made = cls(client, root, {}, [], {})
        made.landing = await made.json(root)
        made.classes = (await made.json(f"{root}/conformance"))["conformsTo"]
        made.api = await made.json(link_of(made.landing, "service-desc")["href"])
        return made

    async def get(self, address: str, status: int = 200, **more: Any) -> httpx2.Response:
        href = address if address.startswith("http") else f"{self.root}{address}"
        answer = await self.client.get(href, **more)
        assert answer.status_code == status, f"{answer.url}: {answer.text[:500]}"
        return answer

    async def json(self, address: str, **more: Any) -> Any:
        return (await self.get(address, **more)).json()

    async def collections(self) -> list[dict[str, Any]]:
        found = (await self.json("/collections"))["collections"]
        assert found
        assert all(one["itemType"] == "record" for one in found)
        return found

    async def page(self, collection: str, **parameters: Any) -> dict[str, Any]:
        parameters = {name.replace("_", "-"): value for name, value in parameters.items()}
        return await self.json(f"/collections/{collection}/items", params=parameters)

    async def ids(self, collection: str, **parameters: Any) -> list[str]:
        page = await self.page(collection, **({"limit": 1000} | parameters))
        return [one["id"] for one in page["features"]]

    async def records(self) -> list[tuple[str, dict[str, Any]]]:
        """Every record of every collection, up to a thousand of each."""
        found = []
        for one in await self.collections():
            page = await self.page(one["id"], limit=1000)
            found += [(one["id"], record) for record in page["features"]]
        assert found
        return found

    async def some(self, number: int = 3) -> list[tuple[str, dict[str, Any]]]:
        """A few records of every collection."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, record in await self.records():
            found.setdefault(name, []).append(record)
        return [(name, one) for name, many in found.items() for one in spread(many, number)]

    def parameter(self, path: str, name: str) -> dict[str, Any]:
        """A parameter of GET as the OpenAPI document describes it."""
        described = {one["name"]: one for one in map(self._resolved, self._used(path))}
        assert name in described, (path, name)
        return described[name]

    def _used(self, path: str) -> list[dict[str, Any]]:
        return self.api["paths"][path]["get"]["parameters"]

    def _resolved(self, one: dict[str, Any]) -> dict[str, Any]:
        name = one.get("$ref", "").rpartition("/")[2]
        return self.api["components"]["parameters"][name] if name else one


def spread(many: list[Any], number: int) -> list[Any]:
    step = max(1, len(many) // number)
    return many[::step][:number]


def links_of(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [one for one in document["links"] if one["rel"] == rel]


def link_of(document: dict[str, Any], rel: str) -> dict[str, Any]:
    found = links_of(document, rel)
    assert found, f"no link {rel}"
    return found[0]


def self_of(record: dict[str, Any]) -> str:
    href: str = link_of(record, "self")["href"]
    return href


def media_of(answer: httpx2.Response) -> str:
    return answer.headers["content-type"]
