"""Links from a Collection to its Items, which come and go without a new version of it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from earthcode_common.db import ReadSession
from earthcode_common.ogc.entities import Key, address
from earthcode_common.ogc.links import GEOJSON, Link, link
from earthcode_common.ogc.links import address as under
from earthcode_common.ogc.query import Stored

from catalog_api import store
from catalog_api.domain import scoped
from catalog_api.domain.links import text

FEW = 100  # Items that a Collection links to itself


async def with_items(session: ReadSession, found: Stored) -> Stored:
    """The Collection with links to its Items, or to the catalogs of them when they are many."""
    ids = await store.item_ids(session, found.id, FEW + 1) if found.part == "product" else []
    if not ids:
        return found
    links = item_links(found.id, ids) if len(ids) <= FEW else [_all(found.id)]
    texts = [text(one) for one in links]
    digest = hashlib.sha1("".join(texts).encode(), usedforsecurity=False).hexdigest()[:8]
    doc = scoped.with_links(found.doc, texts)
    return replace(found, doc=doc, etag=f"{found.etag}-{digest}", updated=datetime.now(UTC))


def item_links(product: str, ids: list[str]) -> list[Link]:
    here = f"{address(Key('product', product))}/items"
    return [link("item", under(here, id), GEOJSON, id) for id in ids]


def _all(product: str) -> Link:
    return link("child", f"{address(Key('product', product))}/browse", title="All Items")
