"""Answers from stored texts: spliced, never parsed, in the representation that was asked for."""

import hashlib
from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

import orjson
from earthcode_common import etags
from earthcode_common.ogc import negotiation
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import (
    GEOJSON,
    HTML,
    JSON,
    NDJSON,
    PARQUET,
    Link,
    link,
    page_links,
    with_query,
)
from earthcode_common.ogc.negotiation import FORMATS
from earthcode_common.ogc.query import Page, Stored
from fastapi import Request, Response

from catalog_api.routes import html

CACHE = {"Cache-Control": "no-cache"}  # may be kept, must be revalidated: publishing shows at once
LASTING = {"Cache-Control": "public, max-age=300"}
VARY = {"Vary": "Accept, Accept-Encoding"}


def public_url(request: Request) -> str:
    url: str = request.app.state.runtime.settings.public_url
    return url.rstrip("/")


def here(request: Request) -> str:
    """The public address of this request, without its query."""
    path: bytes = request.scope["raw_path"]
    return public_url(request) + path.decode("ascii", "replace")


def document(request: Request, stored: Stored, media: str = JSON) -> Response:
    """One stored document, or 304 when the client has it already."""
    chosen = negotiation.chosen(request, *_offers(media))
    if chosen == HTML:
        return html_of(request, stored.doc.replace(BASE, public_url(request)), media)
    etag = etags.quoted(stored.etag)
    headers = CACHE | VARY | etags.last_modified(stored.updated) | _as_page(request)
    known = etags.not_modified(request, etag, stored.updated)
    if known:
        known.headers.update(headers)
        return known
    text = stored.doc.replace(BASE, public_url(request))
    return Response(text, headers=headers | {"ETag": etag}, media_type=chosen)


def _as_page(request: Request) -> dict[str, str]:
    """Stored documents tell of their page beside them: a link within would come back in a PUT."""
    return {"Link": f'<{here(request)}?f=html>; rel="alternate"; type="{HTML}"'}


def _offers(media: str) -> tuple[str, ...]:
    return (media, HTML) if media == JSON else (media, JSON, HTML)


def features(request: Request, page: Page, links: Sequence[Link]) -> Response:
    head = '{"type":"FeatureCollection","features":['
    return _page(request, head, page, links, GEOJSON, downloads=(NDJSON, PARQUET))


def members(request: Request, name: str, page: Page, links: Sequence[Link]) -> Response:
    """``{name: [...], "links": ...}`` as /collections, /catalogs and /children answer."""
    return _page(request, f'{{"{name}":[', page, links, JSON)


def _page(
    request: Request,
    head: str,
    page: Page,
    links: Sequence[Link],
    media: str,
    downloads: tuple[str, ...] = (),
) -> Response:
    chosen = negotiation.chosen(request, *_offers(media))
    numbers: dict[str, Any] = {"links": links, "numberReturned": len(page.items)}
    if page.matched is not None:  # Beyond the cap no exact number is known.
        numbers["numberMatched" if page.matched_exact else "numberMatchedAtLeast"] = page.matched
    tail = _raw(numbers)
    headers = dict(CACHE | VARY)
    if request.method == "GET" and chosen != HTML:
        headers["ETag"] = etag = _etag_of(page, tail, chosen, public_url(request))
        if known := etags.not_modified(request, etag):
            known.headers.update(CACHE | VARY)
            return known
    text = f"{head}{','.join([one.doc for one in page.items])}],{tail.decode()[1:]}"
    text = text.replace(BASE, public_url(request))
    if chosen == HTML:
        return html_of(request, text, media, *downloads)
    return Response(text, headers=headers, media_type=chosen)


def _etag_of(page: Page, *more: str | bytes) -> str:
    """Of a page's members and all else it is made of: some kilobytes instead of megabytes."""
    digest = hashlib.sha1("".join([one.etag for one in page.items]).encode(), usedforsecurity=False)
    for part in more:
        digest.update(part if isinstance(part, bytes) else part.encode())
    return etags.quoted(digest.hexdigest()[:32])


def _raw(content: Any) -> bytes:
    """JSON with BASE raw at the start of addresses, as stored texts have it."""
    try:
        raw = orjson.dumps(content)
    except TypeError:  # The body of a link `next`: integers beyond 64 bits, half a character.
        raw = dumps(content, separators=(",", ":")).encode()
    return raw.replace(b'"href":"\\u0001/', f'"href":"{BASE}/'.encode())


def links_of(
    request: Request, page: Page, *more: Link, media: str = JSON, root: bool = True
) -> list[Link]:
    """``self``, ``next``, ``root`` and ``more`` of a page that was asked for by GET."""
    asked = request.query_params.multi_items()
    links = page_links(here(request), asked, page.next, type=media)
    links += _alternates(request, asked, media)
    if root:
        links.append(link("root", f"{public_url(request)}/stac"))
    return [*links, *more]


def _alternates(request: Request, asked: list[tuple[str, str]], media: str) -> list[Link]:
    """This page as a client of other kinds reads it (17-069r4, requirement fc-links)."""
    offers = (HTML, NDJSON, PARQUET) if media == GEOJSON else (HTML,)
    same = with_query(here(request), [(key, value) for key, value in asked if key != "f"])
    start = f"{same}{'&' if '?' in same else '?'}f="
    return [link("alternate", start + name, FORMATS[name][0]) for name in negotiation.names(offers)]


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
    chosen = negotiation.chosen(request, media, HTML)
    raw = _raw(content).replace(BASE.encode(), public_url(request).encode())
    if chosen == HTML:
        return html_of(request, raw, media)
    return made(request, raw, chosen, lasting=lasting)


def html_of(request: Request, text: str | bytes, *medias: str) -> Response:
    """``medias``: of the other representations, for links to them."""
    base = public_url(request)
    raw = html.page(request, text, base, negotiation.names((*medias, JSON)))
    return made(request, raw, f"{HTML}; charset=utf-8", headers=html.headers(base))


def made(
    request: Request,
    raw: bytes,
    media: str,
    *,
    lasting: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """These bytes with an ETag of their own, or 304 when the client has them already."""
    etag = etags.quoted(hashlib.sha256(media.encode() + raw).hexdigest()[:32])
    headers = (LASTING if lasting else CACHE) | VARY | dict(headers or {})
    if known := etags.not_modified(request, etag):
        known.headers.update(headers)
        return known
    # Not `media_type`: Starlette adds a charset to some, and JSON has none (RFC 8259).
    return Response(raw, headers=headers | {"ETag": etag, "Content-Type": media})
