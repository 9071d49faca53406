"""A publisher as the catalogue sees it, on a real port, and catalogues that project from it."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from catalog_api.reactions import project_entities, rebuild
from catalog_api.service import SERVICE
from earthcode_common import messaging
from earthcode_common.app import Runtime, open_runtime
from earthcode_common.consumer import Event
from earthcode_common.contracts import ENTITY_PUBLISHED, EntityPublished, EventType, Payload
from earthcode_common.ids import multihash, uuid7
from earthcode_common.settings import ServiceSettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PUBLIC = "https://catalogue.test"
FOLDERS = {
    "product": ("products", "collection.json"),
    "project": ("projects", "collection.json"),
    "theme": ("themes", "catalog.json"),
    "variable": ("variables", "catalog.json"),
    "mission": ("eo-missions", "catalog.json"),
    "workflow": ("workflows", "record.json"),
    "experiment": ("experiments", "record.json"),
}


@dataclass
class Entry:
    kind: str
    id: str
    version: int
    text: str
    owner: str
    sequence: int

    @property
    def title(self) -> str:
        document = json.loads(self.text)
        return str(document.get("title") or document.get("properties", {}).get("title") or self.id)

    def event(self, submission: str | None = None) -> EntityPublished:
        digest = multihash(self.text.encode())
        return EntityPublished(
            kind=self.kind, id=self.id, version=self.version, digest=digest, title=self.title,
            owner=self.owner, submission=submission, href=f"{PUBLIC}/publish/entities/{self.kind}",
        )  # fmt: skip


@dataclass
class Ledger:
    """What was published; every version is kept, the last one is current."""

    entries: list[Entry] = field(default_factory=list)
    answers: int = 200  # the status of everything, to be away

    def publish(self, kind: str, document: Any, *, id: str = "", owner: str = "deepesdl") -> Entry:
        """``document`` may be text, so that odd spellings of JSON stay."""
        text = document if isinstance(document, str) else json.dumps(document)
        id = id or json.loads(text)["id"]
        version = 1 + sum(e.kind == kind and e.id == id for e in self.entries)
        self.entries.append(Entry(kind, id, version, text, owner, len(self.entries) + 1))
        return self.entries[-1]

    def current(self) -> list[Entry]:
        latest = {(e.kind, e.id): e for e in self.entries}
        return sorted(latest.values(), key=lambda e: e.sequence)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/publish/documents", self._documents, methods=["POST"]),
                Route("/publish/entities", self._entities),
            ]
        )

    async def _documents(self, request: Request) -> Response:
        if self.answers != 200:
            return Response(status_code=self.answers)
        refs = [(r["kind"], r["id"], r["version"]) for r in (await request.json())["refs"]]
        index = {(e.kind, e.id, e.version): e for e in self.entries}
        found = [self._member(index[ref]) for ref in refs if ref in index]
        missing = [{"kind": k, "id": i, "version": v} for k, i, v in refs if (k, i, v) not in index]
        content = f'{{"documents": [{", ".join(found)}], "missing": {json.dumps(missing)}}}'
        return Response(content, media_type="application/json")

    def _member(self, entry: Entry) -> str:
        head = {"kind": entry.kind, "id": entry.id, "version": entry.version}
        head |= {"digest": multihash(entry.text.encode()), "owner": entry.owner}
        return f'{json.dumps(head)[:-1]}, "document": {entry.text}}}'

    async def _entities(self, request: Request) -> Response:
        after, limit = (int(request.query_params[name]) for name in ("after", "limit"))
        page = [e for e in self.current() if e.sequence > after]
        members = [
            {
                "kind": e.kind, "id": e.id, "version": e.version, "digest": "", "owner": e.owner,
                "title": e.title, "sequence": e.sequence,
            }
            for e in page[:limit]
        ]  # fmt: skip
        following = page[limit - 1].sequence if len(page) > limit else None
        return JSONResponse({"entities": members, "next": following})


@dataclass
class Catalogue:
    """A running catalogue: its client, its settings, and ways to make it project."""

    ledger: Ledger
    settings: ServiceSettings
    client: httpx2.AsyncClient
    runtime: Runtime

    async def project(self, *entries: Entry) -> None:
        """React to these publications as the worker does, without NATS in between."""
        await self.react([(ENTITY_PUBLISHED, entry.event()) for entry in entries])

    async def react(self, told: Iterable[tuple[EventType, Payload]]) -> None:
        events = [Event(uuid7(), event.type, data) for event, data in told]
        reaction = project_entities(self.runtime)
        loaded = await reaction.load(events)
        async with self.runtime.db.write() as session:
            await reaction.apply(session, events, loaded)

    async def publish(self, kind: str, document: Any, **more: Any) -> Entry:
        entry = self.ledger.publish(kind, document, **more)
        await self.project(entry)
        return entry

    async def rebuild(self) -> None:
        await rebuild(self.settings)

    async def get(self, path: str, **more: Any) -> Any:
        response = await self.client.get(path, **more)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
async def make_catalogue(
    make_database: Any, make_settings: Any, serve: Any
) -> AsyncIterator[Callable[..., Any]]:
    """``await make_catalogue(ledger)`` -> Catalogue that is served on a real port."""
    async with AsyncExitStack() as stack:

        async def make(ledger: Ledger | None = None, **values: Any) -> Catalogue:
            ledger = ledger or Ledger()
            publisher = await stack.enter_async_context(serve(ledger.app()))
            database = await make_database(SERVICE)
            known = {"database_url": database, "publisher_url": publisher, "public_url": PUBLIC}
            settings = make_settings(SERVICE, **(known | values))
            url = await stack.enter_async_context(serve(SERVICE.create_app(settings)))
            client = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=30))
            runtime = await stack.enter_async_context(open_runtime(settings, "catalog-api"))
            return Catalogue(ledger, settings, client, runtime)

        yield make


@pytest.fixture
async def catalogue(make_catalogue: Any) -> Catalogue:
    return await make_catalogue()


@asynccontextmanager
async def announcing(nats_url: str) -> AsyncIterator[Callable[..., Any]]:
    """``await announce(event, data)``: as the relay of another service puts it into the stream."""
    client = await messaging.connect(ServiceSettings(nats_url=nats_url), "operator")

    async def announce(event: EventType, data: Any, number: Any = None) -> None:
        number = str(number or uuid7())
        headers = {
            "Nats-Msg-Id": number, "ce-id": number, "ce-type": event.type, "ce-specversion": "1.0",
            "ce-source": f"/{event.service}", "ce-time": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        kind = getattr(data, "kind", "reproduction")
        await client.jetstream().publish(
            event.subject(kind, data.id), data.model_dump_json().encode(), headers=headers
        )

    try:
        yield announce
    finally:
        await client.close()


@pytest.fixture
def announce_to() -> Callable[[str], Any]:
    return announcing


@pytest.fixture(scope="session")
def real_ledger(real_catalogue: Path) -> Ledger:
    """Everything the real catalogue holds, as published by its steward."""
    ledger = Ledger()
    for kind, (folder, file) in FOLDERS.items():
        for path in sorted(real_catalogue.glob(f"{folder}/*/{file}")):
            ledger.publish(kind, path.read_text("utf-8"), id=path.parent.name, owner="steward")
    return ledger
