"""Filters in the store against a plain oracle: in SQL and in Python the same answers, in order.

Times may be open here or missing, and missing places and times may match.
"""

import random
from dataclasses import replace
from typing import Any

import pytest
from earthcode_common.db import Database
from earthcode_common.ogc import cql2
from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.store import Document, Query, SearchStore
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.common.cql2.documents import MOMENTS, Doc, Documents
from tests.common.cql2.expressions import Expressions, Names, call
from tests.common.cql2.oracle import EVER, NEVER, Oracle, shape_of
from tests.profile import examples, trying

DOCUMENTS, EXPRESSIONS, OF_EACH = 30, 20, examples(3)

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
        "title": Queryable("text"),
        "gsd": Queryable("number"),
        "tags": Queryable("array"),
    },
    additional=True,
)
KINDS = dict.fromkeys(["datetime", "start_datetime", "end_datetime", "created"], "time")
KINDS |= {"gsd": "number", "title": "text"}
LEAVES = sorted(Expressions(random.Random(0), [], Oracle(), Names()).leaves)


def to_document(doc: Doc) -> Document:
    return Document(
        doc["collection"],
        doc["id"],
        "{}",
        geometry=doc["geometry"],
        start=doc["start"],
        end=doc["end"],
        props=doc["properties"],
    )


def _base(rng: random.Random, made: Expressions) -> Query:
    """What else the request asks for."""
    if rng.random() < 0.5:
        return Query(limit=50)
    one, two = sorted(rng.choices(MOMENTS, k=2))
    return Query(
        bbox=Bbox(*made.box()["bbox"]) if rng.random() < 0.5 else None,
        interval=rng.choice([None, None, Interval(one, two), Interval(None, one)]),
        parts=rng.choice([None, None, ["c1", "é.3"]]),
        match_missing=rng.random() < 0.5,
        sort=rng.choice([(), (), (("datetime", "asc"),), (("id", "asc"),)]),
        limit=rng.choice([4, 50, 50]),
    )


def _matches_base(oracle: Oracle, doc: Doc, query: Query) -> bool:
    good = query.parts is None or doc["collection"] in query.parts
    if query.bbox is not None:
        asked, there = shape_of({"bbox": list(query.bbox)}), doc["geometry"] is not None
        meets = there and oracle.shape(doc["geometry"]).intersects(asked)
        good &= meets if there else query.match_missing
    if query.interval is not None:
        low, high = query.interval
        if doc["start"] is None and doc["end"] is None:
            return good and query.match_missing
        good &= (doc["start"] or NEVER) <= (high or EVER)
        good &= (doc["end"] or EVER) >= (low or NEVER)
    return good


def _expected(oracle: Oracle, docs: list[Doc], base: Query, expression: Any) -> list[str]:
    found = [d for d in docs if _matches_base(oracle, d, base) and oracle.holds(expression, d)]
    if base.sort == (("id", "asc"),):
        return sorted(d["id"] for d in found)
    ascending = base.sort == (("datetime", "asc"),)
    found.sort(key=lambda d: (d["collection"], d["id"]), reverse=not ascending)
    timed = [d for d in found if d["start"] or d["end"]]
    timed.sort(key=lambda d: d["start"] or NEVER, reverse=not ascending)
    return [d["id"] for d in timed] + [d["id"] for d in found if not (d["start"] or d["end"])]


async def _answered(
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


@trying(
    15,  # data sets
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
async def test_filters_answer_as_the_oracle(
    filter_database: Database, filter_store: SearchStore, seed: int
) -> None:
    rng = random.Random(seed)
    docs, made = await _filled(filter_database, filter_store, rng)
    for _ in range(EXPRESSIONS):
        base = _base(rng, made)
        await _check(filter_database, filter_store, docs, made, made.expression(), base)


@pytest.mark.parametrize("about", LEAVES)
async def test_every_operator_answers_as_the_oracle(
    filter_database: Database, filter_store: SearchStore, about: str
) -> None:
    """Where some documents match and others do not; and for its opposite."""
    docs, made = await _filled(filter_database, filter_store, random.Random(about))
    found = [made.leaf(about) for _ in range(OF_EACH)]
    assert any(0 < len(_expected(made.oracle, docs, Query(), one)) < DOCUMENTS for one in found)
    for expression in found:
        for asked in (expression, call("not", expression)):
            await _check(filter_database, filter_store, docs, made, asked, Query(limit=50))


async def _filled(
    database: Database, store: SearchStore, rng: random.Random
) -> tuple[list[Doc], Expressions]:
    docs = Documents(rng).many(DOCUMENTS)
    docs.sort(key=lambda doc: (doc["collection"], doc["id"]))
    async with database.write() as session:
        await store.clear(session)
        await store.put(session, map(to_document, docs))
    return docs, Expressions(rng, docs, Oracle(KINDS), Names())


async def _check(
    database: Database,
    store: SearchStore,
    docs: list[Doc],
    made: Expressions,
    expression: Any,
    base: Query,
) -> None:
    bound = cql2.bind(cql2.parse(expression, "cql2-json"), QUERYABLES)
    wanted = _expected(made.oracle, docs, base, expression)
    found, matched = await _answered(database, store, bound.narrow(base, store.table))
    assert found == wanted, _report(docs, base, expression, found, wanted)
    assert matched == {(len(wanted), True)}
    # Once more without SQL: what decides where SQL cannot, has to know everything.
    in_python = replace(base, refine=bound.matches, tag=str(expression), limit=50)
    found, _ = await _answered(database, store, in_python)
    assert found == wanted, _report(docs, base, expression, found, wanted)


def _report(
    docs: list[Doc], base: Query, expression: Any, found: list[str], wanted: list[str]
) -> str:
    wrong = set(found) ^ set(wanted)
    asked = {k: getattr(base, k) for k in ("bbox", "interval", "parts", "match_missing", "sort")}
    about = [doc for doc in docs if doc["id"] in wrong]
    return f"\n{expression}\n{asked}\nfound {found}\nwanted {wanted}\n{about}"
