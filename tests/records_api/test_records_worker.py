"""The worker as it really runs: events from JetStream in, records out, confirmations back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from earthcode_common import messaging
from earthcode_common.contracts import RECORDS_PROJECTED, STREAM
from earthcode_common.ids import uuid7
from earthcode_common.settings import ServiceSettings
from records_api.service import SERVICE

from tests.records_api.record_samples import collection, experiment, rels, to, workflow

PATIENCE = 60.0


@asynccontextmanager
async def stream(url: str) -> AsyncIterator[Any]:
    client = await messaging.connect(ServiceSettings(nats_url=url), "operator")
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def announce(jetstream: Any, told: Any) -> None:
    event, data = told
    number = str(uuid7())
    headers = {
        **{"Nats-Msg-Id": number, "ce-id": number, "ce-type": event.type, "ce-specversion": "1.0"},
        **{"ce-source": f"/{event.service}", "ce-time": datetime.now(UTC).isoformat()},
    }
    subject = event.subject(data.kind, data.id)
    await jetstream.publish(subject, data.model_dump_json().encode(), headers=headers)


async def confirmations(jetstream: Any, wanted: int) -> list[dict[str, Any]]:
    reader = await jetstream.subscribe(
        RECORDS_PROJECTED.pattern, stream=STREAM, ordered_consumer=True
    )
    found = []
    deadline = time.monotonic() + PATIENCE
    while len(found) < wanted and time.monotonic() < deadline:
        try:
            found.append(json.loads((await reader.next_msg(timeout=1)).data))
        except TimeoutError:
            continue
    await reader.unsubscribe()
    return found


@pytest.fixture
async def listening(make_records: Any, clean_streams: str) -> Any:
    return await make_records(nats_url=clean_streams)


async def test_published_entities_become_records(
    listening: Any, clean_streams: str, work: Any
) -> None:
    neighbours = listening.neighbours
    made = [
        neighbours.publish("product", collection("ice.v1")),
        neighbours.publish("workflow", workflow()),
        neighbours.publish(
            "experiment", experiment(links=[to("../../products/ice.v1/collection.json")])
        ),
        neighbours.publish("workflow", workflow(title="New")),
    ]
    async with stream(clean_streams) as jetstream:
        for one in made:
            await announce(jetstream, one.event())
        await announce(jetstream, made[1].event())  # told again: confirmed again
        async with work(SERVICE, listening.settings):
            told = await confirmations(jetstream, 4)
    assert sorted((one["kind"], one["version"]) for one in told) == [
        ("experiment", 1), ("workflow", 1), ("workflow", 1), ("workflow", 2)
    ]  # fmt: skip
    found = await listening.record("workflows", "melt")
    assert found["properties"]["title"] == "New"
    found = await listening.record("experiments", "melt-2020")
    assert "https://records.test/stac/collections/ice.v1" in rels(found, "related")


async def test_a_publisher_that_is_away_delays_and_loses_nothing(
    listening: Any, clean_streams: str, work: Any
) -> None:
    one = listening.neighbours.publish("workflow", workflow())
    listening.neighbours.status = 503
    async with stream(clean_streams) as jetstream, work(SERVICE, listening.settings):
        await announce(jetstream, one.event())
        info = await waiting(jetstream)
        assert info.num_ack_pending == 1
        assert await listening.ids("workflows") == []
        listening.neighbours.status = 200
        assert len(await confirmations(jetstream, 1)) == 1
    assert await listening.ids("workflows") == ["melt"]


async def waiting(jetstream: Any) -> Any:
    """Until the event was tried and given back at least once."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        info = await jetstream.consumer_info(STREAM, "records-entities")
        if info.num_redelivered:
            return info
        await asyncio.sleep(0.05)
    raise AssertionError("the event was not tried twice")
