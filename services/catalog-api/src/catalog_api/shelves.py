"""The search stores as readers may see them: closed products without the addresses of their files.

Every document leaves the database through here, so no route can forget it (ADR 10).
"""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary
from zlib import crc32

import sqlalchemy as sa
from earthcode_common.db import Database, ReadSession
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key, address
from earthcode_common.ogc.query import Page, Query, Stored
from earthcode_common.ogc.store import SearchStore
from earthcode_common.principal import ANONYMOUS, Principal

from catalog_api.domain.access import MEMBER, Access, access_of, withheld

FRESH = 1.0  # seconds after which a change of the rights is seen
_CLOSED = sa.text(
    "select id, owner, body from entity"
    f" where kind = 'product' and body like '%\"{MEMBER}\"%'"  # as the index entity_closed has it
)


async def _anonymous() -> Principal:
    return ANONYMOUS


# Who reads; asked only where something is closed.
reader: ContextVar[Callable[[], Awaitable[Principal]]] = ContextVar("reader", default=_anonymous)


@dataclass
class _Known:
    """The closed products among those that were ``seen`` when it was asked."""

    closed: Mapping[str, Access] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    asked: float = -FRESH


_known: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


class Shelf(SearchStore):
    """``part``: the part whose ids are products; None: the parts are."""

    def __init__(self, name: str, part: str | None = None) -> None:
        super().__init__(name)
        self.part = part

    async def get(self, session: ReadSession, part: str, id: str) -> Stored | None:
        found = await super().get(session, part, id)
        return (await self._seen(session, [found]))[0] if found else None

    async def search(self, session: ReadSession, query: Query) -> Page:
        page = await super().search(session, query)
        return replace(page, items=await self._seen(session, page.items))

    async def _seen(self, session: ReadSession, found: list[Stored]) -> list[Stored]:
        products = [self._product(one) for one in found]
        closed = await closed_to_reader(session, {id for id in products if id is not None})
        if not closed:
            return found
        return [
            _withheld(one, id, closed[id]) if id in closed else one
            for one, id in zip(found, products, strict=True)
        ]

    def _product(self, one: Stored) -> str | None:
        if self.part is None:
            return one.part
        return one.id if one.part == self.part else None


async def closed_to_reader(session: ReadSession, products: Collection[str]) -> dict[str, Access]:
    """Those of ``products`` whose files the reader may not see."""
    every, now = await _closed(session, products), datetime.now(UTC)
    closed = {id: every[id] for id in products if id in every and not every[id].open_at(now)}
    if not closed:
        return {}
    who = await reader.get()()
    names = (who.sub, who.platform)
    return {id: access for id, access in closed.items() if not access.lets(names, who.roles)}


async def _closed(session: ReadSession, products: Collection[str]) -> Mapping[str, Access]:
    known = _known.setdefault(session.database, _Known())
    if time.monotonic() - known.asked > FRESH or not known.seen.issuperset(products):
        asked = time.monotonic()
        found = {row.id: _access(row) for row in await session.execute(_CLOSED)}
        if asked > known.asked:
            known.closed = {id: access for id, access in found.items() if access}
            known.asked = asked
        known.seen.update(products)
    return known.closed


def _access(row: Any) -> Access | None:
    member = jsontext.members(row.body).get(MEMBER)
    return access_of(row.owner, member.value) if member else None


def _withheld(one: Stored, product: str, access: Access) -> Stored:
    # Another representation than that of who has the right, and no date says which one it is. It
    # tells the reason, which is the product's: that changes while an Item stays as it is.
    return replace(
        one,
        doc=withheld(one.doc, access, f"{address(Key('product', product))}/access"),
        etag=f"{one.etag}-withheld-{crc32(access.reason().encode('utf-8', 'replace')):08x}",
        updated=datetime.now(UTC),
    )
