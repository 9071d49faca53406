"""Projecting entities: documents and all links from and to them, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.db import WriteSession
from earthcode_common.ogc import projected
from earthcode_common.ogc.entities import Key

from catalog_api import store
from catalog_api.domain import entities as decide
from catalog_api.domain.entities import Entity
from catalog_api.domain.text import etag_of


async def project(
    session: WriteSession, entities: Sequence[Entity], *, over_before: datetime | None = None
) -> None:
    """Make these the current versions, with all links from and to them.

    Older versions than the projected ones change nothing, save where those were projected before
    ``over_before`` (a rebuild).
    """
    await store.lock_projection(session)
    fresh = await projected.newer(session, entities, over_before)
    if not fresh:
        return
    keys = [one.key for one in fresh]
    touched = await store.around(session, keys) | await _twins(session, keys)
    if over_before:
        await store.remove(session, keys)
    await store.save(session, fresh)
    touched |= await store.around(session, keys)
    now = await projected.now(session)
    await _put(session, keys, now)
    await _refresh(session, touched - set(keys), now)


async def _twins(session: WriteSession, keys: Collection[Key]) -> set[Key]:
    """Projects whose address changes now that a product has their id, and who links to them."""
    twins = {Key("project", key.id) for key in keys if key.kind == "product"}
    here = set(await projected.versions(session, twins))
    return here | await store.around(session, here) if here else set()


async def _put(session: WriteSession, keys: Collection[Key], now: datetime) -> None:
    links = await store.neighbours(session, keys)
    documents = []
    for one in await store.bodies(session, keys):
        doc = decide.rendered(one.body, one.links, one.key, links.get(one.key, ()), twin=one.twin)
        documents.append(decide.searchable(one.key, one.version, one.body, doc, etag_of(doc), now))
    await store.entries.put(session, documents)


async def _refresh(session: WriteSession, keys: Collection[Key], now: datetime) -> None:
    """Write the links of documents anew whose neighbours changed."""
    served = [key for key in keys if key.kind in CATALOG_KINDS]
    links = await store.neighbours(session, served)
    texts = {}
    for one in await store.bodies(session, served):
        doc = decide.rendered(one.body, one.links, one.key, links.get(one.key, ()), twin=one.twin)
        texts[one.key] = (doc, etag_of(doc))
    if texts:
        await store.set_texts(session, texts, now)


async def remove(session: WriteSession, keys: Collection[Key]) -> None:
    """Forget entities that the ledger does not hold; those they were linked with lose the links."""
    await store.lock_projection(session)
    touched = await store.around(session, keys)
    touched |= {Key("project", key.id) for key in keys if key.kind == "product"}
    touched |= await store.around(session, touched)
    await store.remove(session, keys)
    await _refresh(session, touched - set(keys), await projected.now(session))
