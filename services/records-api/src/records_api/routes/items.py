"""The records of a collection."""

import asyncio
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from earthcode_common import etags
from earthcode_common.db import Reading, ReadSession
from earthcode_common.ogc.entities import BASE, FOLDERS
from earthcode_common.ogc.links import HTML, Link, link
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Request, Response

from records_api import store
from records_api.domain import link_templates
from records_api.domain.catalog import ROOT, TITLE
from records_api.domain.facets import parse_facets
from records_api.domain.links import CATALOG_JSON, PROFILE
from records_api.representations import signposting
from records_api.representations.format import parsed
from records_api.routes import filters, formats, html, pages, parameters, properties, tallies
from records_api.routes.collections import kind_of

router = APIRouter()
FEW = 50  # records that are rendered at once; the time that more take is not taken from others


@router.get("/collections/{collection_id}/items")
async def records(request: Request, session: Reading, collection_id: str) -> Response:
    return await _page(request, session, kind_of(collection_id), None)


@router.post("/collections/{collection_id}/items")
async def search(request: Request, session: Reading, collection_id: str) -> Response:
    kind = kind_of(collection_id)
    return await _page(request, session, kind, await filters.body_of(request))


async def _page(request: Request, session: ReadSession, kind: str, body: Any) -> Response:
    format = formats.chosen(request, formats.RECORDS)
    given = await filters.asked(request, session, kind)
    query = parameters.item_query(given, kind)
    if format.media == HTML:
        given = {"facets": html.FACETS, **given}
        query = replace(query, limit=min(query.limit, html.MAX_LIMIT))
    collection = pages.here(request).removesuffix("/items")
    if "sortby" in given:
        await properties.check_order(session, kind, given["sortby"], f"{collection}/sortables")
    listed = f"{collection}/queryables"
    query = await filters.narrowed(session, query, given, kind, listed, body)
    wanted = parse_facets(given["facets"]) if "facets" in given else None
    page, counts = await tallies.found(request, session, query, given, body, wanted)
    made = partial(pages.features, request, page, *_links(kind), facets=counts, next_body=body)
    return await asyncio.to_thread(made) if len(page.items) > FEW else made()


def _links(kind: str) -> list[Link]:
    collection = f"{ROOT}/collections/{FOLDERS[kind]}"
    return [
        link("collection", collection, CATALOG_JSON),
        link("root", ROOT, title=TITLE),
        link("profile", PROFILE, None),
    ]


@router.get("/collections/{collection_id}/items/{record_id:path}")
async def record(
    request: Request, session: Reading, collection_id: str, record_id: str
) -> Response:
    kind = kind_of(collection_id)
    parameters.known(request)
    found = await store.records.get(session, kind, record_id)
    if found is None:
        raise NotFound(f"There is no {kind} {record_id!a}")
    headers = etags.last_modified(found.updated)
    headers["Link"] = _signs(found.doc, pages.public_url(request))
    if templates := link_templates.header(formats.with_alternates(found.doc)):
        headers["Link-Template"] = templates
    return pages.answer(request, found.doc, formats.RECORD, profile="record", headers=headers)


@lru_cache(maxsize=512)
def _signs(doc: str, public_url: str) -> str:
    """FAIR Signposting of a stored text, which is read once for this."""
    whole = formats.with_alternates(doc).replace(BASE, public_url)
    return signposting.header(parsed(whole), public_url, formats.RECORD)
