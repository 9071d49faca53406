"""A page of records with what is counted of all that match: how many they are, and facets.

What was counted is kept while no record of the collection changes: the page tells its version.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from earthcode_common.db import ReadSession
from earthcode_common.ogc.query import Page, Query
from fastapi import Request

from records_api import store
from records_api.domain import facets
from records_api.domain.facets import Wanted
from records_api.store import terms
from records_api.store.terms import Filed

KEPT, LARGE = 500, 200  # searches; buckets of facets, beyond which one is not kept
PAGING = ("limit", "offset", "token", "sortby")


class Tally(NamedTuple):
    version: int
    matched: int | None
    exact: bool
    facets: dict[str, Any] | None


async def found(
    request: Request,
    session: ReadSession,
    query: Query,
    asked: Mapping[str, str],
    body: Any,
    wanted: Sequence[Wanted] | None,
) -> tuple[Page, dict[str, Any] | None]:
    """The page and its facets, if these are wanted."""
    (kind,) = query.parts or ()
    key = _key(kind, query, asked, body)
    kept: OrderedDict[bytes, Tally] = request.app.state.tallies
    tally = kept.get(key)
    stamped = replace(query, stamp=terms.version(kind), count=False)
    page = await store.records.search(session, stamped) if tally is not None else None
    if page is None or tally is None or page.stamp != tally.version:
        every = replace(stamped, count=not wanted, numbers=bool(wanted))
        page = await store.records.search(session, every)
        tally = await _tally(request, session, query, page, wanted)
    if page.stamp is not None:  # there are items
        _keep(kept, key, tally)
    return replace(page, matched=tally.matched, matched_exact=tally.exact), tally.facets


def _key(kind: str, query: Query, asked: Mapping[str, str], body: Any) -> bytes:
    conditions = sorted((name, text) for name, text in asked.items() if name not in PAGING)
    # Who asks for one record asks for the number: then it is counted in any case.
    search = repr((kind, query.limit == 1, conditions, body))
    return hashlib.sha256(search.encode(errors="surrogatepass")).digest()


def _keep(kept: OrderedDict[bytes, Tally], key: bytes, tally: Tally) -> None:
    if sum(len(one["buckets"]) for one in (tally.facets or {}).values()) > LARGE:
        return
    kept[key] = tally
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)


async def _tally(
    request: Request,
    session: ReadSession,
    query: Query,
    page: Page,
    wanted: Sequence[Wanted] | None,
) -> Tally:
    if not wanted:
        return Tally(page.stamp, page.matched, page.matched_exact, None if wanted is None else {})
    if page.numbers is None:
        numbers = await terms.matching(session, query)
    else:
        numbers = np.frombuffer(page.numbers, ">i8").astype(np.int64)
    named = facets.filed_under(wanted)
    filed = await _filed(request, session, query, page.stamp) if len(numbers) else None
    if filed is not None:
        counts = terms.counted(filed, numbers, named)
    else:
        counts = await terms.counted_by_sql(session, numbers, named)
    return Tally(page.stamp, len(numbers), True, facets.described(wanted, counts))


async def _filed(
    request: Request, session: ReadSession, query: Query, version: int | None
) -> Filed | None:
    """The terms of all records of the collection; None when there are too many."""
    (kind,) = query.parts or ()
    kept: dict[str, Filed] = request.app.state.filed
    if kind not in kept or kept[kind].version != version:
        kept.pop(kind, None)
        among = await terms.filed(session, kind)
        if among is None:
            return None
        kept[kind] = among
    return kept[kind]
