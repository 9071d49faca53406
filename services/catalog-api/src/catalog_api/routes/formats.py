"""Downloads: all Items of a search in one answer, streamed page by page with bounded memory.

Without ``limit`` a download holds all that matches. Pages are read one after another (keyset), so
Items that are written meanwhile may be in it or not, and none is in it twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from earthcode_common.db import ReadSession
from earthcode_common.ogc import negotiation
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import GEOJSON, HTML, JSON, NDJSON, PARQUET
from earthcode_common.ogc.query import Page, Stored
from fastapi import Request, Response
from starlette.responses import StreamingResponse

from catalog_api.routes import formats_parquet, pages

OFFERS = (GEOJSON, JSON, HTML, NDJSON, PARQUET)
ENDINGS = {NDJSON: "ndjson", PARQUET: "parquet"}
PAGE = 1000
FindPage = Callable[[ReadSession, Mapping[str, Any]], Awaitable[Page]]


async def download(
    request: Request,
    session: ReadSession,
    given: Mapping[str, Any],
    find: FindPage,
    name: str = "items",
) -> Response | None:
    """None when the client wants a page. ``find`` reads a page of Items and does not count."""
    media = negotiation.chosen(request, *OFFERS)
    if media not in ENDINGS:
        return None
    asked = dict(given)
    first = await find(session, asked | {"limit": _step(asked.get("limit"))})
    headers = pages.CACHE | {
        "Vary": "Accept, Accept-Encoding",
        "Content-Type": media,
        "Content-Disposition": f'attachment; filename="{_safe(name)}.{ENDINGS[media]}"',
    }
    if request.scope.get("head"):
        return Response(headers=headers)
    found = _each(first, asked, _anew(request, find))
    base = pages.public_url(request)
    if media == NDJSON:
        return StreamingResponse(_lines(found, base), headers=headers)
    return StreamingResponse(formats_parquet.parts(request, found, base), headers=headers)


def _step(limit: int | None) -> int:
    return PAGE if limit is None else min(limit, PAGE)


def _anew(request: Request, find: FindPage) -> Callable[[Mapping[str, Any]], Awaitable[Page]]:
    """Each page with a session of its own: a slow client keeps none."""

    async def found(asked: Mapping[str, Any]) -> Page:
        async with request.app.state.runtime.db.read() as session:
            return await find(session, asked)

    return found


async def _each(
    page: Page, asked: Mapping[str, Any], find: Callable[[Mapping[str, Any]], Awaitable[Page]]
) -> AsyncIterator[list[Stored]]:
    left = asked.get("limit")
    while page.items:
        yield page.items
        left = None if left is None else left - len(page.items)
        if page.next is None or left == 0:
            return
        page = await find({**asked, "limit": _step(left), "token": page.next})


async def _lines(found: AsyncIterator[list[Stored]], base: str) -> AsyncIterator[bytes]:
    async for items in found:
        text = "\n".join([one.doc for one in items])
        yield f"{text}\n".replace(BASE, base).encode()


def _safe(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:100]
