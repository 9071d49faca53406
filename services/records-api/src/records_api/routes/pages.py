"""Answers: stored texts are spliced and never parsed; all of them can be revalidated."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from earthcode_common import etags
from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import Link, link, page_links
from earthcode_common.ogc.query import Page
from fastapi import Request, Response

from records_api.domain.catalog import CATALOG_PROFILE
from records_api.domain.links import ALTERNATES, PROFILE
from records_api.representations.format import Context, Format
from records_api.routes import formats

CACHE = {"Cache-Control": "no-cache"}  # may be kept, must be revalidated: publishing shows at once
VARY = {"Vary": "Accept, Accept-Encoding"}
PROFILES = {"record": PROFILE, "catalog": CATALOG_PROFILE}


def public_url(request: Request) -> str:
    url: str = request.app.state.runtime.settings.public_url
    return url.rstrip("/")


def here(request: Request) -> str:
    """The public address of this request, without its query."""
    path: bytes = request.scope["raw_path"]
    return public_url(request) + path.decode("ascii", "replace")


def made(
    request: Request, content: Any, offers: Sequence[Format] = formats.DOCUMENT, profile: str = ""
) -> Response:
    """A document made on the spot, as the representation asked for."""
    return answer(request, raw(content), offers, profile=profile)


def raw(content: Any) -> str:
    """JSON with BASE and the marks of alternates raw, as stored texts have them."""
    text = orjson.dumps(content).decode()
    marked = text.replace('"\\u0002', ALTERNATES).replace('\\u0002"', ALTERNATES)
    return marked.replace("\\u0001/", f"{BASE}/")


def answer(
    request: Request,
    text: str,
    offers: Sequence[Format],
    *,
    profile: str = "",
    headers: Mapping[str, str] | None = None,
    etag_of: str = "",
) -> Response:
    """``text`` as the representation asked for, or 304 when the client has it already.

    ``profile`` is that of the content, "record" or "catalog". ``etag_of`` stands for the text where
    that holds what changes without a change.
    """
    format, base = formats.chosen(request, offers), public_url(request)
    context = Context(base, here(request), _asked(request), offers)
    common = {**CACHE, **VARY, **(headers or {}), **format.headers(context)}
    if followed := format.profile or PROFILES.get(profile):
        links = [f'<{followed}>; rel="profile"', *filter(None, [common.get("Link")])]
        common["Link"] = ", ".join(links)
    text = formats.with_alternates(text).replace(BASE, base)
    same = f"{format.name}{format.edition} {base} {etag_of or text}"
    etag = etags.quoted(hashlib.sha256(same.encode()).hexdigest()[:32])
    if known := etags.not_modified(request, etag):
        known.headers.update(common)
        return known
    body = format.render(text, context)
    # Not `media_type`: Starlette adds a charset to some, and JSON has none (RFC 8259).
    return Response(body, headers={**common, "ETag": etag, "Content-Type": format.content_type})


def whole(request: Request, body: bytes, media: str) -> Response:
    """What has this one representation."""
    etag = etags.quoted(hashlib.sha256(body).hexdigest()[:32])
    if known := etags.not_modified(request, etag):
        known.headers.update(CACHE)
        return known
    return Response(body, headers={**CACHE, "ETag": etag, "Content-Type": media})


def _asked(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def features(
    request: Request,
    page: Page,
    *more: Link,
    facets: Mapping[str, Any] | None = None,
    next_body: Any = None,
) -> Response:
    """A page of records. ``next_body``: what was sent, when the search was a POST."""
    format = formats.chosen(request, formats.RECORDS)
    links = [*_page_links(request, page, format, next_body), *more]
    numbers: dict[str, Any] = {"links": links, "numberReturned": len(page.items)}
    if page.matched is not None and page.matched_exact:
        numbers["numberMatched"] = page.matched
    if facets is not None:
        numbers["facets"] = facets
    documents = ",".join([one.doc for one in page.items])
    head = f'{{"type":"FeatureCollection","features":[{documents}],'
    same = head + raw(numbers)[1:]
    stamped = raw({"timeStamp": format_instant(datetime.now(UTC))} | numbers)
    text = head + stamped[1:]
    return answer(request, text, formats.RECORDS, profile="record", etag_of=same)


def _page_links(request: Request, page: Page, format: Format, body: Any) -> list[Link]:
    asked, href = _asked(request), here(request)
    if body is None:
        links = page_links(href, asked, page.next, type=format.media)
        return [*links, *formats.alternates_of(href, asked, formats.RECORDS, format)]
    following = [one for one in page_links(href, asked, page.next) if one["rel"] == "next"]
    return [link("self", href, format.media), *(_posted(one, body) for one in following)]


def _posted(following: Link, body: Any) -> Link:
    return following | {"method": "POST", "body": body}
