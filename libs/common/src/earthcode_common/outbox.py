"""Events leave in the writer's transaction (``add``) and reach NATS afterwards (``relay``).

Nothing is lost when NATS is away: rows stay unsent. A crash between publishing and marking
publishes again with the same ``Nats-Msg-Id``, which JetStream drops, and consumers keep an inbox.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from nats.js import JetStreamContext
from opentelemetry import propagate
from sqlalchemy.dialects.postgresql import JSONB, UUID

from earthcode_common import telemetry
from earthcode_common.contracts import MAX_PAYLOAD, EventType, Payload
from earthcode_common.db import Database, WriteSession
from earthcode_common.ids import uuid7

CHANNEL = "outbox"
BATCH = 256
KEEP_DAYS = 30

outbox = sa.table(
    "outbox",
    sa.column("id", sa.BigInteger),
    sa.column("event_id", UUID),
    sa.column("subject", sa.Text),
    sa.column("headers", JSONB),
    sa.column("data", sa.Text),
    sa.column("created", sa.DateTime(timezone=True)),
    sa.column("sent", sa.DateTime(timezone=True)),
)


async def add(session: WriteSession, event: EventType, kind: str, key: str, data: Payload) -> None:
    await add_all(session, [(event, kind, key, data)])


async def add_all(
    session: WriteSession, events: Sequence[tuple[EventType, str, str, Payload]]
) -> None:
    """Write the events beside the change they tell of, and wake the relay on commit."""
    if not events:
        return
    await session.execute(sa.insert(outbox), [_row(*event) for event in events])
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


def _row(event: EventType, kind: str, key: str, data: Payload) -> dict[str, Any]:
    body = data.model_dump_json(exclude_none=True)
    if len(body.encode()) > MAX_PAYLOAD:
        raise ValueError(f"{event.type} for {kind}/{key} is larger than {MAX_PAYLOAD} bytes")
    number = uuid7()
    headers = {
        "Nats-Msg-Id": str(number),
        "ce-specversion": "1.0",
        "ce-id": str(number),
        "ce-type": event.type,
        "ce-source": f"/{event.service}",
        "ce-subject": quote(f"{kind}/{key}"),
        "ce-time": datetime.now(UTC).isoformat(),
        "content-type": "application/json",
    }
    propagate.inject(headers)
    subject = event.subject(kind, key)
    return {"event_id": number, "subject": subject, "headers": headers, "data": body}


async def relay_once(db: Database, stream: JetStreamContext) -> int:
    """Publish up to BATCH waiting events in order; returns how many were acknowledged."""
    async with db.read() as session:
        query = sa.select(outbox).where(outbox.c.sent.is_(None)).order_by(outbox.c.id).limit(BATCH)
        rows = (await session.execute(query)).all()
    if not rows:
        return 0
    await asyncio.gather(
        *(stream.publish(r.subject, r.data.encode(), timeout=10, headers=r.headers) for r in rows)
    )
    async with db.write() as session:
        done = outbox.c.id.in_([row.id for row in rows])
        await session.execute(sa.update(outbox).where(done).values(sent=sa.func.now()))
    telemetry.EVENTS_RELAYED.inc(len(rows))
    return len(rows)


async def prune(db: Database, days: int = KEEP_DAYS) -> None:
    """Forget what was told or handled long ago; the ledger itself is kept elsewhere, for ever."""
    async with db.write() as session:
        for table, column in (("outbox", "sent"), ("inbox", "handled"), ("idempotency", "created")):
            age = sa.text(f"{column} < now() - make_interval(days => :days)")
            await session.execute(sa.delete(sa.table(table)).where(age), {"days": days})


async def feed(session: Any, after: int, limit: int) -> list[dict[str, Any]]:
    """Events (CloudEvents JSON) after row ``after``, never skipping one still to be committed."""
    query = sa.text(
        "select id, headers, data from outbox where id > :after"
        " and xact < pg_snapshot_xmin(pg_current_snapshot()) order by id limit :limit"
    )
    rows = (await session.execute(query, {"after": after, "limit": limit})).all()
    return [_cloud_event(row.id, row.headers, row.data) for row in rows]


def _cloud_event(number: int, headers: dict[str, str], data: str) -> dict[str, Any]:
    attributes = {k[3:]: v for k, v in headers.items() if k.startswith("ce-")}
    return attributes | {
        "sequence": str(number),
        "datacontenttype": "application/json",
        "data": json.loads(data),
    }
