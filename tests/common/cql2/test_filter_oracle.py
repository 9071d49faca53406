"""Filters against a plain oracle: the same answers, in the same order, across all pages.

EARTHCODE_CQL2_CASES says how many expressions are tried (400 unless told).
"""

import os
from dataclasses import replace
from typing import Any

from earthcode_common.db import Database
from earthcode_common.ogc import cql2
from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.store import Document, Query, SearchStore
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.common.cql2 import strategies as make
from tests.common.cql2.oracle import EVER, NEVER, Oracle, shape_of

CASES = int(os.environ.get("EARTHCODE_CQL2_CASES", "400"))
EXPRESSIONS = 5

Queryable = cql2.Queryable
QUERYABLES = cql2.Queryables(
    {
        "id": Queryable("text", "id"),
        "collection": Queryable("text", "part"),
        "geometry": Queryable("geometry", "geometry"),
        "datetime": Queryable("interval", "time"),
        "start_datetime": Queryable("instant", "start"),
        "end_datetime": Queryable("instant", "end"),
        "created": Queryable("instant"),
        "s": Queryable("text"),
        "m": Queryable("number"),
        "tags": Queryable("array"),
    },
    additional=True,
)
ORACLE = Oracle(dict.fromkeys(["datetime", "start_datetime", "end_datetime", "created"], "time"))


def to_document(doc: dict[str, Any]) -> Document:
    return Document(
        doc["collection"],
        doc["id"],
        "{}",
        geometry=doc["geometry"],
        start=doc["start"],
        end=doc["end"],
        props=doc["properties"],
    )


@st.composite
def bases(draw: Any) -> Query:
    """What else the request asks for."""
    box = draw(st.none() | st.none() | make.boxes())
    one, two = sorted(draw(st.lists(make.some(make.MOMENTS), min_size=2, max_size=2)))
    return Query(
        bbox=Bbox(*box["bbox"]) if box else None,
        interval=draw(st.sampled_from([None, None, Interval(one, two), Interval(None, one)])),
        parts=draw(st.sampled_from([None, None, ["c1", "é.3"]])),
        match_missing=draw(st.booleans()),
        sort=draw(st.sampled_from([(), (), (("datetime", "asc"),), (("id", "asc"),)])),
        limit=draw(st.sampled_from([2, 3, 20])),
    )


def matches_base(doc: dict[str, Any], query: Query) -> bool:
    good = query.parts is None or doc["collection"] in query.parts
    if query.bbox is not None:
        asked = shape_of({"bbox": list(query.bbox)})
        there = doc["geometry"] is not None
        good &= shape_of(doc["geometry"]).intersects(asked) if there else query.match_missing
    if query.interval is not None:
        low, high = query.interval
        if doc["start"] is None and doc["end"] is None:
            return good and query.match_missing
        good &= (doc["start"] or NEVER) <= (high or EVER)
        good &= (doc["end"] or EVER) >= (low or NEVER)
    return good


def expected(docs: list[dict[str, Any]], base: Query, expression: Any) -> list[str]:
    found = [d for d in docs if matches_base(d, base) and ORACLE.holds(expression, d) is True]
    found.sort(key=lambda d: (d["collection"], d["id"]), reverse=True)
    if base.sort == (("id", "asc"),):
        return sorted(d["id"] for d in found)
    ascending = base.sort == (("datetime", "asc"),)
    if ascending and base.ids is None:
        found.reverse()
    timed = [d for d in found if d["start"] or d["end"]]
    timed.sort(key=lambda d: d["start"] or NEVER, reverse=not ascending)
    return [d["id"] for d in timed] + [d["id"] for d in found if not (d["start"] or d["end"])]


async def answered(
    database: Database, store: SearchStore, query: Query
) -> tuple[list[str], set[Any]]:
    found, matched = [], set()
    async with database.read() as session:
        while True:
            page = await store.search(session, query)
            found += [item.id for item in page.items]
            matched.add((page.matched, page.matched_exact))
            if page.next is None:
                return found, matched
            assert len(page.items) == query.limit, "only the last page may be short"
            query = replace(query, token=page.next)


def _report(docs: Any, base: Query, expression: Any, found: Any, wanted: Any) -> str:
    wrong = set(found) ^ set(wanted)
    asked = {k: getattr(base, k) for k in ("bbox", "interval", "parts", "match_missing", "sort")}
    about = [doc for doc in docs if doc["id"] in wrong]
    return f"\n{expression}\n{asked}\nfound {found}\nwanted {wanted}\n{about}"


@settings(
    max_examples=max(1, CASES // EXPRESSIONS),
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # Shrinking takes minutes; the report is small already.
    suppress_health_check=list(HealthCheck),
)
@given(
    docs=make.documents(),
    asked=st.lists(
        st.tuples(make.expressions, bases()), min_size=EXPRESSIONS, max_size=EXPRESSIONS
    ),
)
async def test_filters_answer_as_the_oracle(
    filter_database: Database,
    filter_store: SearchStore,
    docs: list[dict[str, Any]],
    asked: list[tuple[Any, Query]],
) -> None:
    async with filter_database.write() as session:
        await filter_store.clear(session)
        await filter_store.put(session, map(to_document, docs))
    for expression, base in asked:
        parsed = cql2.parse(expression, "cql2-json")
        bound = cql2.bind(parsed, QUERYABLES)
        query = bound.narrow(base, filter_store.table)
        wanted = expected(docs, replace(base, ids=query.ids), expression)
        found, matched = await answered(filter_database, filter_store, query)
        assert found == wanted, _report(docs, base, expression, found, wanted)
        # Once more without SQL: what decides where SQL cannot, has to know everything.
        in_python = replace(base, refine=bound.matches, tag=str(expression), limit=20)
        found, _ = await answered(filter_database, filter_store, in_python)
        wanted = expected(docs, base, expression)
        assert found == wanted, _report(docs, base, expression, found, wanted)
        assert matched == {(len(wanted), True)}
