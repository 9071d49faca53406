"""The sitemap (sitemaps.org 0.9): every record with the moment of its last change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from earthcode_common.db import Reading
from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.entities import BASE, Key
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain.links import record_address
from records_api.routes import pages, parameters

router = APIRouter(include_in_schema=False)
MOST = 50_000  # addresses in one file, by the protocol
XML = "application/xml"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
HERE = f"{BASE}/records/sitemap.xml"


@router.get("/sitemap.xml")
async def sitemap(request: Request, session: Reading) -> Response:
    """All records, or an index of files that hold them."""
    given = parameters.known(request, "page")
    number = parameters.number(given, "page", 1, 0)
    total = await store.number_of_records(session)
    files = max(1, -(-total // MOST))
    if number > files:
        raise NotFound(f"The sitemap has {files} pages")
    if files > 1 and not number:
        return _answer(request, "sitemapindex", _index(files))
    found = await store.changes(session, MOST, offset=MOST * max(0, number - 1))
    return _answer(request, "urlset", _addresses(found))


def _index(files: int) -> Iterable[str]:
    return (f"<sitemap><loc>{HERE}?page={n}</loc></sitemap>" for n in range(1, files + 1))


def _addresses(found: Sequence[tuple[str, str, datetime]]) -> Iterable[str]:
    for kind, id, updated in found:
        address, moment = escape(record_address(Key(kind, id))), format_instant(updated)
        yield f"<url><loc>{address}</loc><lastmod>{moment}</lastmod></url>"


def _answer(request: Request, element: str, members: Iterable[str]) -> Response:
    text = "\n".join(members).replace(BASE, escape(pages.public_url(request)))
    body = f"{DECLARED}<{element} {NAMESPACE}>\n{text}\n</{element}>\n"
    return pages.whole(request, body.encode(), XML)
