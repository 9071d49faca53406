"""A publisher as the catalogue sees it, on a real port, and catalogues that project from it."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
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
from earthcode_common.contracts import ENTITY_PUBLISHED, EventType, Payload
from earthcode_common.ids import uuid7
from earthcode_common.settings import ServiceSettings

from tests.catalog_api.ledger import FOLDERS, PUBLIC, Entry, Ledger


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
            client = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=60))
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


@pytest.fixture
async def real(make_catalogue: Any, real_ledger: Ledger) -> Catalogue:
    """The real catalogue as it is served, without Items."""
    catalogue: Catalogue = await make_catalogue(real_ledger)
    await catalogue.rebuild()
    return catalogue
