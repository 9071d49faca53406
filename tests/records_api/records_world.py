"""A publisher and a reproducer as the records service sees them, and services that project them."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from earthcode_common.app import Runtime, open_runtime
from earthcode_common.consumer import Event
from earthcode_common.contracts import (
    ENTITY_PUBLISHED,
    REPRODUCTION_PUBLISHED,
    EntityPublished,
    EventType,
    Payload,
    ReproductionPublished,
)
from earthcode_common.ids import multihash, uuid7
from earthcode_common.settings import ServiceSettings
from records_api.reactions import project_entities, rebuild
from records_api.service import SERVICE
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PUBLIC = "https://records.test"
SOURCES = {
    "product": ("products", "collection.json"),
    "project": ("projects", "collection.json"),
    "theme": ("themes", "catalog.json"),
    "variable": ("variables", "catalog.json"),
    "mission": ("eo-missions", "catalog.json"),
    "workflow": ("workflows", "record.json"),
    "experiment": ("experiments", "record.json"),
}


@dataclass
class Version:
    kind: str
    id: str
    version: int
    text: str
    sequence: int

    def event(self) -> tuple[EventType, EntityPublished]:
        digest, href = multihash(self.text.encode()), f"{PUBLIC}/publish/entities/{self.kind}"
        told = EntityPublished(
            kind=self.kind, id=self.id, version=self.version, digest=digest, title=self.id,
            owner="somebody", submission="s1", href=href,
        )  # fmt: skip
        return ENTITY_PUBLISHED, told


@dataclass
class Neighbours:
    """The publisher's ledger and the reproducer's records; ``status`` != 200 is "away"."""

    versions: list[Version] = field(default_factory=list)
    reproductions: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200

    def publish(self, kind: str, document: Any, id: str = "") -> Version:
        """``document`` may be text, so that odd spellings of JSON stay."""
        text = document if isinstance(document, str) else json.dumps(document)
        id = id or json.loads(text)["id"]
        number = 1 + sum((v.kind, v.id) == (kind, id) for v in self.versions)
        self.versions.append(Version(kind, id, number, text, len(self.versions) + 1))
        return self.versions[-1]

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/publish/documents", self._documents, methods=["POST"]),
                Route("/publish/entities", self._entities),
                Route("/reproduce/reproductions", self._listed),
                Route("/reproduce/reproductions/{id:path}", self._reproduction),
            ]
        )

    async def _documents(self, request: Request) -> Response:
        refs = [(r["kind"], r["id"], r["version"]) for r in (await request.json())["refs"]]
        index = {(v.kind, v.id, v.version): v for v in self.versions}
        found = ", ".join(self._member(index[ref]) for ref in refs if ref in index)
        content = f'{{"documents": [{found}], "missing": []}}'
        return Response(content, status_code=self.status, media_type="application/json")

    def _member(self, one: Version) -> str:
        head = {"kind": one.kind, "id": one.id, "version": one.version}
        head |= {"digest": multihash(one.text.encode()), "owner": "somebody"}
        return f'{json.dumps(head)[:-1]}, "document": {one.text}}}'

    async def _entities(self, request: Request) -> Response:
        after, limit = (int(request.query_params.get(n, 0)) for n in ("after", "limit"))
        latest = {(v.kind, v.id): v for v in self.versions}
        page = sorted((v for v in latest.values() if v.sequence > after), key=lambda v: v.sequence)
        members = [
            {"kind": v.kind, "id": v.id, "version": v.version, "digest": "", "owner": "",
             "sequence": v.sequence} for v in page[:limit]
        ]  # fmt: skip
        following = page[limit - 1].sequence if len(page) > limit else None
        return JSONResponse({"entities": members, "next": following}, status_code=self.status)

    async def _listed(self, request: Request) -> Response:
        found = [{"id": id, "version": 1} for id in self.reproductions]
        return JSONResponse({"reproductions": found, "next": None}, status_code=self.status)

    async def _reproduction(self, request: Request) -> Response:
        return JSONResponse(self.reproductions[request.path_params["id"]], status_code=self.status)


@dataclass
class RecordsService:
    """A running service: its neighbours, its settings, and ways to make it project."""

    neighbours: Neighbours
    settings: ServiceSettings
    client: httpx2.AsyncClient
    runtime: Runtime

    async def publish(self, kind: str, *documents: Any) -> list[Version]:
        made = [self.neighbours.publish(kind, document) for document in documents]
        await self.react([one.event() for one in made])
        return made

    async def reproduce(self, record: dict[str, Any], version: int = 1) -> None:
        self.neighbours.reproductions[record["id"]] = record
        told = ReproductionPublished(
            id=record["id"], version=version, experiment=record["properties"]["osc:experiment"],
            products=["ice"], verdict="identical", title="Again", href="x",
        )  # fmt: skip
        await self.react([(REPRODUCTION_PUBLISHED, told)])

    async def react(self, told: Iterable[tuple[EventType, Payload]]) -> None:
        """As the worker does, without NATS in between."""
        events = [Event(uuid7(), event.type, data) for event, data in told]
        reaction = project_entities(self.runtime)
        loaded = await reaction.load(events)
        async with self.runtime.db.write() as session:
            await reaction.apply(session, events, loaded)

    async def rebuild(self) -> None:
        await rebuild(self.settings)

    async def get(self, path: str, **more: Any) -> Any:
        response = await self.client.get(f"/records{path}", **more)
        assert response.status_code == 200, response.text
        return response.json()

    async def record(self, collection: str, id: str) -> Any:
        return await self.get(f"/collections/{collection}/items/{id}")

    async def ids(self, collection: str, **parameters: Any) -> list[str]:
        page = await self.get(f"/collections/{collection}/items", params=parameters)
        return [one["id"] for one in page["features"]]


@asynccontextmanager
async def served_records(
    neighbours: Neighbours, serve: Callable[..., Any], settings_of: Callable[..., Any]
) -> AsyncIterator[RecordsService]:
    """A service on a real port; ``settings_of(**known)`` makes its settings."""
    async with serve(neighbours.app()) as away:
        settings = settings_of(publisher_url=away, reproducer_url=away, public_url=PUBLIC)
        async with (
            serve(SERVICE.create_app(settings)) as url,
            httpx2.AsyncClient(base_url=url, timeout=60) as client,
            open_runtime(settings, "records-api") as runtime,
        ):
            yield RecordsService(neighbours, settings, client, runtime)


def real_ledger(catalogue: Path) -> Neighbours:
    """All that the real catalogue holds, published."""
    found = Neighbours()
    for kind, (folder, file) in SOURCES.items():
        for path in sorted(catalogue.glob(f"{folder}/*/{file}")):
            found.publish(kind, path.read_text("utf-8"), path.parent.name)
    return found
