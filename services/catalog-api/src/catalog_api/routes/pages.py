"""Answers from stored texts: spliced, never parsed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import orjson
from earthcode_common import etags
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import GEOJSON, JSON, Link, link, page_links
from earthcode_common.ogc.query import Page, Stored
from fastapi import Request, Response

CACHE = {"Cache-Control": "no-cache"}  # may be kept, must be revalidated: publishing shows at once
LASTING = {"Cache-Control": "public, max-age=300"}


def public_url(request: Request) -> str:
    url: str = request.app.state.runtime.settings.public_url
    return url.rstrip("/")


def here(request: Request) -> str:
    """The public address of this request, without its query."""
    path: bytes = request.scope["raw_path"]
    return public_url(request) + path.decode("ascii", "replace")


def document(request: Request, stored: Stored, media: str = JSON) -> Response:
    """One stored document, or 304 when the client has it already."""
    etag = etags.quoted(stored.etag)
    known = etags.not_modified(request, etag)
    if known:
        known.headers.update(CACHE)
        return known
    headers = CACHE | {"ETag": etag, "Last-Modified": _http_date(stored.updated)}
    return Response(
        stored.doc.replace(BASE, public_url(request)), headers=headers, media_type=media
    )


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def features(request: Request, page: Page, links: Sequence[Link]) -> Response:
    head = '{"type":"FeatureCollection","features":['
    return _page(request, head, page, links, GEOJSON)


def members(request: Request, name: str, page: Page, links: Sequence[Link]) -> Response:
    """``{name: [...], "links": ...}`` as /collections, /catalogs and /children answer."""
    return _page(request, f'{{"{name}":[', page, links, JSON)


def _page(request: Request, head: str, page: Page, links: Sequence[Link], media: str) -> Response:
    numbers: dict[str, Any] = {"links": links, "numberReturned": len(page.items)}
    if page.matched is not None and page.matched_exact:
        numbers["numberMatched"] = page.matched
    tail = _raw(numbers).decode()
    text = f"{head}{','.join([one.doc for one in page.items])}],{tail[1:]}"
    return Response(text.replace(BASE, public_url(request)), headers=CACHE, media_type=media)


def _raw(content: Any) -> bytes:
    """JSON with BASE raw at the start of addresses, as stored texts have it."""
    return orjson.dumps(content).replace(b'"href":"\\u0001/', f'"href":"{BASE}/'.encode())


def links_of(
    request: Request, page: Page, *more: Link, media: str = JSON, root: bool = True
) -> list[Link]:
    """``self``, ``next``, ``root`` and ``more`` of a page that was asked for by GET."""
    asked = request.query_params.multi_items()
    links = page_links(here(request), asked, page.next, type=media)
    if root:
        links.append(link("root", f"{public_url(request)}/stac"))
    return [*links, *more]


def post_links(request: Request, page: Page, body: Mapping[str, Any]) -> list[Link]:
    """The same for a search by POST: ``next`` says what to send."""
    links = [link("root", f"{public_url(request)}/stac")]
    if page.next:
        following = link("next", here(request), GEOJSON)
        links.append(
            following | {"method": "POST", "body": {**body, "token": page.next}, "merge": False}
        )
    return links


def json(request: Request, content: Any, *, media: str = JSON, lasting: bool = False) -> Response:
    """A document made on the spot; BASE in it becomes the public address."""
    raw = _raw(content).replace(BASE.encode(), public_url(request).encode())
    etag = etags.quoted(hashlib.sha256(raw).hexdigest()[:32])
    headers = (LASTING if lasting else CACHE) | {"ETag": etag}
    known = etags.not_modified(request, etag)
    if known:
        known.headers.update(headers)
        return known
    return Response(raw, headers=headers, media_type=media)
