"""A publisher that really runs: its API on a port, its worker's steps at hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from earthcode_common import migrate
from earthcode_common.consumer import Event
from earthcode_common.contracts import (
    CATALOG_PROJECTED,
    RECORDS_PROJECTED,
    EntityProjected,
    projection_of,
)
from earthcode_common.db import Database, plain_url
from earthcode_common.ids import uuid7
from publisher.operations import check, publish
from publisher.operations.record import Teller
from publisher.reactions import confirmations
from publisher.service import SERVICE

from tests.serving import served

LEASE = 30
TELLER = Teller("http://127.0.0.1:8080")
THEME_SCHEME = "https://github.com/stac-extensions/osc#theme"


class Documents:
    """Small valid documents of every kind."""

    def theme(self, id: str = "oceans", **more: Any) -> dict[str, Any]:
        return self._catalog(id, **more)

    def variable(self, id: str = "salinity", **more: Any) -> dict[str, Any]:
        extra = {"stac_extensions": [], "themes": self._themes()}
        return self._catalog(id, **(extra | more))

    def mission(self, id: str = "smos", **more: Any) -> dict[str, Any]:
        return self._catalog(id, **more)

    def project(self, id: str = "sea", **more: Any) -> dict[str, Any]:
        contacts = [{"name": "A. Person", "roles": ["technical_officer"]}]
        own = {"osc:type": "project", "contacts": contacts}
        return self._collection(id, **(own | more))

    def product(self, id: str = "sea-salinity", **more: Any) -> dict[str, Any]:
        return self._collection(id, **({"osc:type": "product", "osc:project": "sea"} | more))

    def workflow(self, id: str = "salinity-workflow", **more: Any) -> dict[str, Any]:
        return self._record("workflow", id, {"osc:project": "sea"} | more)

    def experiment(self, id: str = "salinity-run", **more: Any) -> dict[str, Any]:
        found = self._record("experiment", id, {"osc:workflow": "salinity-workflow"} | more)
        found["links"] += [
            {"rel": "input", "href": "./input.yaml", "type": "application/yaml"},
            {"rel": "environment", "href": "./environment.yaml", "type": "application/yaml"},
        ]
        return found

    def _themes(self) -> list[dict[str, Any]]:
        return [{"scheme": THEME_SCHEME, "concepts": [{"id": "oceans"}]}]

    def _links(self) -> list[dict[str, Any]]:
        return [{"rel": "via", "href": "https://example.org/about", "title": "About"}]

    def _catalog(self, id: str, **more: Any) -> dict[str, Any]:
        return {
            "type": "Catalog",
            "id": id,
            "stac_version": "1.0.0",
            "title": f"Title of {id}",
            "description": f"What {id} is.",
            "links": self._links(),
        } | more

    def _collection(self, id: str, **more: Any) -> dict[str, Any]:
        own = {
            "type": "Collection",
            "license": "CC-BY-4.0",
            "stac_extensions": ["https://stac-extensions.github.io/osc/v1.0.0/schema.json"],
            "extent": {
                "spatial": {"bbox": [[-180.0, -90.0, 180.0, 90.0]]},
                "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]},
            },
            "osc:status": "completed",
            "themes": self._themes(),
        }
        return self._catalog(id, **(own | more))

    def _record(self, kind: str, id: str, properties: dict[str, Any]) -> dict[str, Any]:
        named = {"type": kind, "title": f"Title of {id}", "description": f"What {id} is."}
        return {
            "type": "Feature",
            "id": id,
            "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
            "geometry": None,
            "properties": named | properties,
            "links": self._links(),
        }


@pytest.fixture(scope="session")
def documents() -> Documents:
    return Documents()


@dataclass
class Person:
    """An HTTP client that is somebody."""

    client: httpx2.AsyncClient
    headers: dict[str, str]

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx2.Response:
        headers = self.headers | kwargs.pop("headers", {})
        url = path if path.startswith("http") else f"/publish{path}"
        return await self.client.request(method, url, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, body: Any = None, **kwargs: Any) -> httpx2.Response:
        return await self.call("POST", path, json=body if body is not None else {}, **kwargs)

    async def act(self, id: str, action: str, body: Any = None, **kwargs: Any) -> httpx2.Response:
        return await self.post(f"/submissions/{id}/actions/{action}", body, **kwargs)


@dataclass
class Publisher:
    """The running service, its people, and the worker's steps one by one."""

    url: str
    db: Database
    client: httpx2.AsyncClient
    identity: Any

    def person(self, sub: str = "", roles: Any = (), **claims: Any) -> Person:
        if not sub:
            return Person(self.client, {})
        headers = self.identity.headers("publisher", sub=sub, roles=roles, **claims)
        return Person(self.client, headers)

    @property
    def anyone(self) -> Person:
        return self.person()

    @property
    def author(self) -> Person:
        return self.person("ada", ["contributor"], name="Ada")

    @property
    def steward(self) -> Person:
        return self.person("stella", ["steward"], name="Stella")

    async def check(self) -> None:
        while await check.run_once(self.db, LEASE):
            pass

    async def publish(self) -> None:
        while await publish.run_once(self.db, LEASE, TELLER):
            pass

    async def work(self) -> None:
        await self.check()
        await self.publish()

    async def confirm(self, *versions: tuple[str, str, int]) -> None:
        """As if the projections had told so."""
        events = [_projected(*version) for version in versions]
        reaction = confirmations(None)  # type: ignore[arg-type]
        async with self.db.write() as session:
            await reaction.apply(session, events, None)

    async def load(self, **kinds: Any) -> None:
        """Import documents: ``theme=[...], project=[...]``."""
        entities = [
            {"kind": kind, "document": document}
            for kind, found in kinds.items()
            for document in found
        ]
        answer = await self.steward.post("/imports", {"source": "test", "entities": entities})
        assert answer.status_code == 200, answer.text
        assert not answer.json()["failed"], answer.text


def _projected(kind: str, id: str, version: int) -> Event:
    event = CATALOG_PROJECTED if projection_of(kind) == "catalog" else RECORDS_PROJECTED
    return Event(uuid7(), event.type, EntityProjected(kind=kind, id=id, version=version, href="x"))


@asynccontextmanager
async def _running(settings: Any, serve: Any, identity: Any) -> AsyncIterator[Publisher]:
    db = Database(settings.database_url)
    async with (
        serve(SERVICE.create_app(settings)) as base,
        httpx2.AsyncClient(base_url=base, timeout=60) as client,
    ):
        yield Publisher(base, db, client, identity)
    await db.close()


@pytest.fixture
async def publisher(
    make_database: Any, make_settings: Any, serve: Any, identity: Any
) -> AsyncIterator[Publisher]:
    """On a database of its own."""
    settings = make_settings(SERVICE, database_url=await make_database(SERVICE))
    async with _running(settings, serve, identity) as running:
        yield running


@pytest.fixture
def run_publisher(make_settings: Any, serve: Any, identity: Any) -> Callable[..., Any]:
    """``async with run_publisher(database_url, **settings) as publisher``."""
    return lambda url, **more: _running(
        make_settings(SERVICE, database_url=url, **more), serve, identity
    )


@pytest.fixture(scope="session")
async def shared(postgres_url: Callable[[str], str], identity: Any) -> AsyncIterator[Publisher]:
    """For tests that do not mind what others left behind."""
    root, name = postgres_url("postgres"), f"test_{uuid4().hex}"
    await _execute(root, f'create database "{name}"')
    url = postgres_url(name)
    await migrate.migrate(url, "publisher")
    settings = SERVICE.settings(environment="local", jwks=identity.jwks, database_url=url)
    async with _running(settings, served, identity) as running:
        yield running
    await _execute(root, f'drop database "{name}" with (force)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(plain_url(url))
    await connection.execute(statement)
    await connection.close()
