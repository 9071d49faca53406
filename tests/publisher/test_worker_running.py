"""The worker itself, with NATS: nobody calls its steps here."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from earthcode_common import messaging
from earthcode_common.contracts import CATALOG_PROJECTED, STREAM, EntityProjected
from earthcode_common.ids import uuid7
from earthcode_common.settings import ServiceSettings
from publisher.service import SERVICE

DEADLINE = 60.0


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if found := await condition():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Catalogue:
    """A projection that confirms every entity it is told of, as the catalogue does."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.told: list[dict[str, Any]] = []

    async def listen(self) -> None:
        stream = self.client.jetstream()
        subscription = await stream.subscribe(
            "earthcode.publisher.entity.published.>", stream=STREAM
        )
        async for message in subscription.messages:
            data = orjson.loads(message.data)
            self.told.append(data)
            await message.ack()
            await self._confirm(stream, data)

    async def _confirm(self, stream: Any, data: dict[str, Any]) -> None:
        number: UUID = uuid7()
        payload = EntityProjected(
            kind=data["kind"], id=data["id"], version=data["version"], href="x"
        )
        headers = {
            "Nats-Msg-Id": str(number),
            "ce-id": str(number),
            "ce-type": CATALOG_PROJECTED.type,
        }
        subject = CATALOG_PROJECTED.subject(data["kind"], data["id"])
        await stream.publish(subject, payload.model_dump_json().encode(), headers=headers)


async def test_a_submission_goes_its_way_by_itself(
    clean_streams: str,
    make_database: Any,
    make_settings: Any,
    run_publisher: Any,
    work: Any,
    documents: Any,
) -> None:
    url = await make_database(SERVICE)
    settings = make_settings(SERVICE, database_url=url, nats_url=clean_streams)
    client = await messaging.connect(ServiceSettings(nats_url=clean_streams), "operator")
    catalogue = Catalogue(client)
    listening = asyncio.create_task(catalogue.listen())
    async with run_publisher(url) as publisher, work(SERVICE, settings):

        async def reached(state: str) -> Any:
            seen = (await publisher.author.get(f"/submissions/{id}")).json()
            return seen if seen["state"] == state else None

        members = [{"kind": "theme", "document": documents.theme("o.c-e")}]
        made = await publisher.author.post("/submissions", {"title": "T", "members": members})
        id = made.json()["id"]
        await publisher.author.act(id, "submit")
        seen = await until(lambda: reached("in_review"))
        await publisher.steward.act(id, "approve", {"revision": seen["revision"]})
        seen = await until(lambda: reached("published"))
        assert seen["waiting_on"] == []
    listening.cancel()
    await client.close()
    assert [(t["kind"], t["id"], t["version"], t["owner"]) for t in catalogue.told] == [
        ("theme", "o.c-e", 1, "ada")
    ]
    base = "http://127.0.0.1:8080/publish/entities"
    assert catalogue.told[0]["href"] == f"{base}/theme/o.c-e/versions/1"
