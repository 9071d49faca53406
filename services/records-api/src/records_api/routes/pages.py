"""Answers: stored texts are spliced and never parsed; all of them can be revalidated."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from earthcode_common import etags
from earthcode_common.ogc.entities import BASE
from earthcode_common.ogc.links import GEOJSON, JSON, Link, page_links
from earthcode_common.ogc.query import Page
from earthcode_common.problems import NotAcceptable
from fastapi import Request, Response

CACHE = {"Cache-Control": "no-cache"}  # may be kept, must be revalidated: publishing shows at once


def public_url(request: Request) -> str:
    url: str = request.app.state.runtime.settings.public_url
    return url.rstrip("/")


def here(request: Request) -> str:
    """The public address of this request, without its query."""
    path: bytes = request.scope["raw_path"]
    return public_url(request) + path.decode("ascii", "replace")


def made(request: Request, content: Any, *offers: str) -> Response:
    """A document made on the spot, in the media type asked for; the first one is the default."""
    raw = orjson.dumps(content).decode().replace("\\u0001/", f"{BASE}/")
    return answer(request, raw, *(offers or (JSON,)))


def answer(
    request: Request, text: str, *offers: str, headers: Mapping[str, str] | None = None
) -> Response:
    """``text`` with BASE as the public address, or 304 when the client has it already."""
    media = chosen(request, *offers)
    raw = text.replace(BASE, public_url(request)).encode()
    etag = etags.quoted(hashlib.sha256(media.encode() + raw).hexdigest()[:32])
    common = {**CACHE, "Vary": "Accept", **(headers or {})}
    known = etags.not_modified(request, etag)
    if known:
        known.headers.update(common)
        return known
    # Not `media_type`: Starlette adds a charset to some, and JSON has none (RFC 8259).
    return Response(raw, headers={**common, "ETag": etag, "Content-Type": media})


def chosen(request: Request, *offers: str) -> str:
    """The offer the client likes best (RFC 9110 section 12.5.1); ``f=json`` asks for plain JSON."""
    if request.query_params.get("f") == "json" and JSON in offers:
        return JSON
    accepted = _accepted(request.headers.get("accept", "*/*"))
    scores = [_score(offer, accepted) for offer in offers]
    if max(scores) <= 0:
        raise NotAcceptable("There is no such representation", hint=f"there is {', '.join(offers)}")
    return offers[scores.index(max(scores))]


def _accepted(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        found[name or "*/*"] = _float(quality)
    return found


def _float(text: str) -> float:
    try:
        return max(0.0, min(1.0, float(text)))
    except ValueError:
        return 0.0


def _score(offer: str, accepted: Mapping[str, float]) -> float:
    """Of the most specific range that matches; 0 when none does."""
    names = (offer.partition(";")[0], f"{offer.partition('/')[0]}/*", "*/*")
    return next((accepted[name] for name in names if name in accepted), 0.0)


def features(request: Request, page: Page, *more: Link) -> Response:
    asked = request.query_params.multi_items()
    links = [*page_links(here(request), asked, page.next), *more]
    numbers: dict[str, Any] = {"links": links, "numberReturned": len(page.items)}
    if page.matched is not None and page.matched_exact:
        numbers["numberMatched"] = page.matched
    tail = orjson.dumps(numbers).decode().replace("\\u0001/", f"{BASE}/")
    documents = ",".join([one.doc for one in page.items])
    text = f'{{"type":"FeatureCollection","features":[{documents}],{tail[1:]}'
    return answer(request, text, GEOJSON, JSON)
