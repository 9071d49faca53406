"""The event door: pull, load over the network, apply in one transaction with the inbox, then ack.

A batch that fails is tried one event at a time, so a poisoned event cannot hold up its neighbours.
What keeps failing for reasons of its own goes to the dead-letter stream; what fails because a
neighbour is away is tried again for as long as it takes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import nats.errors
import sqlalchemy as sa
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from earthcode_common import telemetry
from earthcode_common.contracts import BY_TYPE, STREAM, Consumer, Payload
from earthcode_common.db import Database, WriteSession
from earthcode_common.problems import Unavailable

BATCH = 100
BACKOFF = (1, 5, 30, 120, 600)
MAX_TRIES = 8
TRANSIENT = (
    OSError,
    OperationalError,
    InterfaceError,
    PoolTimeout,
    httpx2.TransportError,
    Unavailable,
    nats.errors.Error,
)

inbox = sa.table("inbox", sa.column("consumer", sa.Text), sa.column("event_id", sa.Uuid))


@dataclass(frozen=True)
class Event:
    id: UUID
    type: str
    data: Payload


@dataclass(frozen=True)
class Reaction:
    """What a service does when told: ``load`` may use the network, ``apply`` the transaction."""

    consumer: Consumer
    load: Callable[[Sequence[Event]], Awaitable[Any]]
    apply: Callable[[WriteSession, Sequence[Event], Any], Awaitable[None]]


async def consume(db: Database, client: Client, reaction: Reaction) -> None:
    """Handle events until cancelled."""
    name = reaction.consumer.name
    pull = await client.jetstream().pull_subscribe_bind(name, STREAM)
    while True:
        try:
            messages = await pull.fetch(BATCH, timeout=5)
        except (TimeoutError, nats.errors.TimeoutError):
            continue
        await _handle(db, client, reaction, messages)


async def _handle(db: Database, client: Client, reaction: Reaction, messages: list[Msg]) -> None:
    try:
        await _react(db, reaction, messages)
    except Exception as error:
        await _divide(db, client, reaction, messages, error)
        return
    for message in messages:
        await message.ack()
    telemetry.EVENTS_CONSUMED.labels(reaction.consumer.name, "handled").inc(len(messages))


async def _divide(
    db: Database, client: Client, reaction: Reaction, messages: list[Msg], error: Exception
) -> None:
    if len(messages) == 1:
        await _give_back(client, reaction, messages[0], error)
        return
    for message in messages:
        await _handle(db, client, reaction, [message])


async def _react(db: Database, reaction: Reaction, messages: list[Msg]) -> None:
    events = [event for event in map(parse, messages) if event]
    loaded = await reaction.load(events)
    async with db.write() as session:
        fresh = await _fresh(session, reaction.consumer.name, events)
        if fresh:
            await reaction.apply(session, fresh, loaded)


async def _fresh(session: WriteSession, consumer: str, events: list[Event]) -> list[Event]:
    if not events:
        return []
    rows = [{"consumer": consumer, "event_id": event.id} for event in events]
    statement = insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id)
    new = set((await session.execute(statement)).scalars())
    # A batch may hold an event twice; the set lets the first one through only.
    return [e for e in events if e.id in new and not new.discard(e.id)]  # type: ignore[func-returns-value]


def parse(message: Msg) -> Event | None:
    """The event in a message, or None when its type is not (or no longer) in the contracts."""
    headers = message.headers or {}
    known = BY_TYPE.get(headers.get("ce-type", ""))
    if known is None:
        telemetry.log.warning("unknown event", extra={"subject": message.subject})
        return None
    data = known.payload.model_validate_json(message.data)
    return Event(UUID(headers["ce-id"]), known.type, data)


async def _give_back(client: Client, reaction: Reaction, message: Msg, error: Exception) -> None:
    name = reaction.consumer.name
    tries = message.metadata.num_delivered
    transient = isinstance(error, TRANSIENT)
    facts = {"consumer": name, "subject": message.subject, "try": tries, "error": repr(error)[:500]}
    if not transient and tries >= MAX_TRIES:
        telemetry.log.error("event moved to dead letters", extra=facts, exc_info=error)
        telemetry.EVENTS_CONSUMED.labels(name, "dead").inc()
        return await bury(client, name, message, error)
    telemetry.log.warning("event will be tried again", extra=facts)
    telemetry.EVENTS_CONSUMED.labels(name, "retried").inc()
    longest = 2 if transient else len(BACKOFF) - 1
    await message.nak(delay=BACKOFF[min(tries - 1, longest)])
    if transient:
        await asyncio.sleep(0.5)  # The neighbour is away: no use in asking for more at once.
    return None


async def bury(client: Client, consumer: str, message: Msg, error: Exception) -> None:
    headers = dict(message.headers or {}) | {
        "Earthcode-Subject": message.subject,
        "Earthcode-Consumer": consumer,
        "Earthcode-Error": repr(error)[:500].encode("ascii", "backslashreplace").decode(),
        "Nats-Msg-Id": f"{(message.headers or {}).get('ce-id')}:{consumer}",
    }
    stream = client.jetstream()
    await stream.publish(f"dead.earthcode.{consumer}", message.data, headers=headers)
    await message.term()
