"""Bulk loads: an Item a line, read as they come and stored batch by batch."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

import orjson
from earthcode_common import telemetry
from earthcode_common.auth import Principal
from earthcode_common.ogc.links import JSON
from earthcode_common.problems import BadRequest, Problem, TooLarge, Unavailable
from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from catalog_api.domain import lean
from catalog_api.domain.links import Place
from catalog_api.operations import items as operations
from catalog_api.operations.items import Report
from catalog_api.routes import models
from catalog_api.routes.bodies import Writer, place_of
from catalog_api.routes.core import database
from catalog_api.routes.lines import batches
from catalog_api.routes.parameters import check_media

router = APIRouter(tags=["Items"])
NDJSON = "application/x-ndjson"
PATH = "/bulk_items"
TOLD_EVERY = 1.0  # seconds; a client that reads only at the end must not have to read much
LINES = {"requestBody": {"required": True, "content": {NDJSON: {"schema": {}}}}}
Method = Annotated[
    Literal["upsert", "insert"],
    Query(description="What to do with Items that are there already: replace them, or refuse them"),
]


@router.post(f"/collections/{{collection_id}}{PATH}", openapi_extra=LINES)
async def load_items(
    request: Request, who: Writer, collection_id: models.CollectionId, method: Method = "upsert"
) -> Response:
    """Store an Item a line (newline-delimited JSON); lines that are not fine are reported.

    With `Accept: application/x-ndjson` the answer tells of the progress, and then the report.
    """
    check_media(request, NDJSON, "application/ndjson")
    async with database(request).read() as session:
        await operations.authorise(session, collection_id, who)
    load = _load(request, who, place_of(request, collection_id), replacing=method == "upsert")
    report = await anext(load)
    if NDJSON in request.headers.get("accept", ""):
        return Progress(_told(load, report), media_type=NDJSON)
    async for _ in load:
        pass
    if report.failed == report.received:
        raise BadRequest("No line could be stored", errors=report.errors, failed=report.failed)
    return Response(orjson.dumps(asdict(report)), media_type=JSON)


async def _load(
    request: Request, who: Principal, place: Place, *, replacing: bool
) -> AsyncIterator[Report]:
    """The report as it grows; what was stored before something failed stays."""
    report = Report()
    longest = request.app.state.runtime.settings.max_body_bytes
    try:
        async for lines in batches(request.stream(), longest):
            product = place.key.id
            read = await asyncio.to_thread(lean.read, lines, place.public_url, product)
            report.received += len(lines)
            report.fail(read.errors)
            async with database(request).write() as session:
                await operations.load(
                    session, product, who, read.documents, report, replacing=replacing
                )
            yield report
    except Exception as error:
        raise _ended(error, report) from error
    if not report.received:
        raise BadRequest("The body holds no line; send an Item a line")


def _ended(error: Exception, report: Report) -> Exception:
    if isinstance(error, ClientDisconnect):
        return BadRequest("The body ended before its end", report=asdict(report))
    if not report.stored:
        return error
    detail = f"The load ended after {report.received} lines; what is stored of them stays"
    if getattr(error, "status_code", None) == TooLarge.status:
        return TooLarge(f"{detail}. The body is too large", report=asdict(report))
    telemetry.log.error("a bulk load ended early", exc_info=error)
    return Unavailable(detail, hint="send it again: what is stored stays", report=asdict(report))


async def _told(load: AsyncIterator[Report], report: Report) -> AsyncIterator[bytes]:
    told = time.monotonic()
    yield _line({"progress": _counts(report)})
    try:
        async for report in load:
            if time.monotonic() - told >= TOLD_EVERY:
                told = time.monotonic()
                yield _line({"progress": _counts(report)})
    except Problem as problem:
        yield _line({"problem": problem.body()})
    yield _line({"report": asdict(report)})


def _counts(report: Report) -> dict[str, Any]:
    return {name: value for name, value in asdict(report).items() if name != "errors"}


def _line(content: Any) -> bytes:
    return orjson.dumps(content) + b"\n"


class Progress(StreamingResponse):
    """Starlette's own would read the rest of the body, in waiting for the client to leave."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)
