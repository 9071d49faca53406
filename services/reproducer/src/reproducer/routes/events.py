"""The log of a run as it grows (server-sent events, WHATWG HTML section 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from earthcode_common.app import Runtime
from earthcode_common.db import Reading
from earthcode_common.problems import BadRequest, NotFound, Unavailable
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from reproducer.announcements import Announcements
from reproducer.domain.states import TERMINAL
from reproducer.representations import event_document
from reproducer.routes.dependencies import News, RunId, Settings
from reproducer.store import runs

router = APIRouter(tags=["Runs"])
LOOK_AGAIN_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/reproduce/runs/{run_id}/events",
    response_class=StreamingResponse,
    summary="Transitions and progress, live",
)
async def stream_events(
    key: RunId,
    request: Request,
    session: Reading,
    news: News,
    settings: Settings,
    last_event_id: str | None = Header(None),
    after: int | None = Query(None, ge=0, description="As Last-Event-ID, for those who cannot"),
) -> StreamingResponse:
    """Ids are the numbers of the run's log. The stream ends after the event that ends the run."""
    if await runs.find_run(session, key) is None:
        raise NotFound(f"There is no run {key}")
    if news.streams >= settings.event_streams:
        raise Unavailable("Too many event streams are open", retry_after=10)
    start = _number(last_event_id) if last_event_id is not None else after or 0
    events = _events(request.app.state.runtime, news, key, start)
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


def _number(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise BadRequest("Last-Event-ID is the number of an event", parameter="Last-Event-ID")
    return int(text)


async def _events(
    runtime: Runtime, news: Announcements, key: UUID, last: int
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    spoken = loop.time()
    yield b"retry: 2000\n\n"
    with news.of(str(key)) as wake:
        while True:
            wake.clear()
            async with runtime.db.read() as session:
                rows = await runs.events_after(session, key, last)
            for row in rows:
                last, spoken = row.number, loop.time()
                yield _event(row)
            if (rows and rows[-1].state in TERMINAL) or (not rows and await _ended(runtime, key)):
                return
            if loop.time() - spoken >= HEARTBEAT_SECONDS:
                spoken = loop.time()
                yield b": still here\n\n"
            await _wait(wake)


async def _wait(wake: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_AGAIN_SECONDS):
            await wake.wait()
    except TimeoutError:
        return


async def _ended(runtime: Runtime, key: UUID) -> bool:
    async with runtime.db.read() as session:
        row = await runs.find_run(session, key)
    return row is None or row.state in TERMINAL


def _event(row: Any) -> bytes:
    data = orjson.dumps(event_document(row))
    return f"id: {row.number}\nevent: {row.kind}\ndata: ".encode() + data + b"\n\n"
