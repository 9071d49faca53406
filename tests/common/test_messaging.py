"""Outbox, relay and consumer on real PostgreSQL and JetStream."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from earthcode_common import consumer, messaging, outbox, streams
from earthcode_common.contracts import (
    ENTITY_PUBLISHED,
    EntityPublished,
    token,
)
from earthcode_common.contracts import (
    consumer as named,
)
from earthcode_common.db import Database, WriteSession
from earthcode_common.problems import BadRequest
from earthcode_common.settings import ServiceSettings
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

CATALOG = named("catalog-entities")


def entity(number: int, *, title: str = "A title") -> EntityPublished:
    return EntityPublished(
        kind="product",
        id=f"p.{number}",
        version=1,
        digest="d",
        title=title,
        owner="me",
        href="http://x/",
    )


@pytest.fixture
async def db(make_database: Callable[..., Any]) -> AsyncIterator[Database]:
    database = Database(await make_database("earthcode_common"))
    async with database.write() as session:
        await session.execute(sa.text("create table seen (id text, title text)"))
    yield database
    await database.close()


@pytest.fixture
async def client(clean_streams: str) -> AsyncIterator[Client]:
    made = await messaging.connect(ServiceSettings(nats_url=clean_streams), "catalog-api")
    yield made
    await made.close()


async def tell(db: Database, *events: EntityPublished) -> None:
    async with db.write() as session:
        await outbox.add_all(session, [(ENTITY_PUBLISHED, e.kind, e.id, e) for e in events])


async def seen(db: Database) -> list[str]:
    async with db.read() as session:
        return list((await session.execute(sa.text("select id from seen order by 1"))).scalars())


def recording(*, poison: str = "", error: Exception | None = None) -> consumer.Reaction:
    async def load(events: Any) -> None:
        return None

    async def apply(session: WriteSession, events: Any, loaded: None) -> None:
        for event in events:
            await session.execute(
                sa.text("insert into seen values (:id, :title)"),
                {"id": event.data.id, "title": event.data.title},
            )
            if event.data.id == poison and error:
                raise error

    return consumer.Reaction(CATALOG, load, apply)


async def until(condition: Callable[[], Any], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_an_event_rolled_back_with_its_change_is_never_told(
    db: Database, client: Client
) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with db.write() as session:
            await outbox.add(session, ENTITY_PUBLISHED, "product", "p.1", entity(1))
            raise RuntimeError
    assert await outbox.relay_once(db, client.jetstream()) == 0


async def test_relayed_events_are_consumed_once_in_order(db: Database, client: Client) -> None:
    await tell(db, *(entity(n) for n in range(300)))
    while await outbox.relay_once(db, client.jetstream()):
        pass
    # As after a crash between publishing and marking: everything is told again.
    async with db.write() as session:
        await session.execute(sa.text("update outbox set sent = null"))
    while await outbox.relay_once(db, client.jetstream()):
        pass
    info = await client.jetstream().stream_info(streams.STREAM)
    assert info.state.messages == 300

    task = asyncio.create_task(consumer.consume(db, client, recording()))

    async def all_seen() -> bool:
        return len(await seen(db)) >= 300

    await until(all_seen)
    task.cancel()
    assert await seen(db) == sorted(f"p.{n}" for n in range(300))


async def test_an_event_delivered_again_changes_nothing(db: Database, client: Client) -> None:
    await tell(db, entity(1))
    await outbox.relay_once(db, client.jetstream())
    pull = await client.jetstream().pull_subscribe_bind(CATALOG.name, streams.STREAM)
    messages = await pull.fetch(1, timeout=60)
    await consumer._react(db, recording(), messages)
    await consumer._react(db, recording(), messages)
    assert await seen(db) == ["p.1"]


async def test_a_poisoned_event_ends_as_dead_letter_and_its_neighbours_pass(
    db: Database, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "MAX_TRIES", 2)
    monkeypatch.setattr(consumer, "BACKOFF", (0.05,))
    await tell(db, entity(1), entity(2), entity(3))
    await outbox.relay_once(db, client.jetstream())
    reaction = recording(poison="p.2", error=BadRequest("broken for ever"))
    task = asyncio.create_task(consumer.consume(db, client, reaction))

    async def buried() -> bool:
        info = await client.jetstream().stream_info(streams.DEAD_STREAM)
        return info.state.messages == 1

    await until(buried)
    task.cancel()
    assert await seen(db) == ["p.1", "p.3"]


async def test_the_feed_stops_before_a_transaction_in_flight(db: Database) -> None:
    async with db.write() as slow:
        await outbox.add(slow, ENTITY_PUBLISHED, "product", "p.1", entity(1))
        await tell(db, entity(2))
        async with db.read() as session:
            assert await outbox.feed(session, 0, 10) == []
    async with db.read() as session:
        told = await outbox.feed(session, 0, 10)
    assert [event["data"]["id"] for event in told] == ["p.1", "p.2"]


async def test_titles_of_any_script_pass_as_payload(db: Database, client: Client) -> None:
    await tell(db, entity(1, title="Été · 海 \U0001f30a"))
    assert await outbox.relay_once(db, client.jetstream()) == 1
    pull = await client.jetstream().pull_subscribe_bind(CATALOG.name, streams.STREAM)
    (message,) = await pull.fetch(1, timeout=60)
    event = consumer.parse(message)
    assert event is not None
    assert event.data.title == "Été · 海 \U0001f30a"  # type: ignore[attr-defined]


async def test_an_event_too_large_for_a_reference_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="larger"):
        await tell(db, entity(1, title="x" * 9000))


@given(st.text(min_size=1))
def test_subject_tokens_hold_nothing_that_nats_understands(text: str) -> None:
    made = token(text)
    assert made.isascii()
    assert not set(made) & set(".*> \t\r\n")


@given(st.text(min_size=1), st.text(min_size=1))
def test_subject_tokens_are_one_to_one(one: str, two: str) -> None:
    assert (token(one) == token(two)) == (one == two)
