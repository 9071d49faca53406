"""Searches for records over HTTP against plain Python and shapely, in order and over all pages.

Unlike Items, records may have no time or one with open ends, and what has no place or time matches
every ``bbox`` and ``datetime`` unless ``match-missing=false`` (17-069r4, 7.15) - but no filter.
"""

import asyncio
import json
import random
from typing import Any

from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from records_api import store

from tests.common.cql2.documents import MOMENTS, Doc, Documents, stamp
from tests.common.cql2.expressions import Expressions, Names, call
from tests.common.cql2.oracle import EVER, NEVER, Oracle, as_time, shape_of
from tests.common.cql2.text import NoText, to_text
from tests.profile import trying
from tests.records_api.record_samples import record, rels

BASE = "https://records.test"
ITEMS = "/records/collections/workflows/items"
RECORDS, SEARCHES, AT_ONCE = 30, 50, 4
LIMITS = [1, *[4, 6, 9, 20] * 8]
KINDS = {"title": "text", "time": "time", "created": "time"}
ORDERS = ["", "", "time", "-time", "id", "-gsd,id", "gsd", "s,-flag", "title", "-title", "-t,time"]


@trying(
    12,  # data sets, of as many searches each
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # A smaller seed is not a simpler case.
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
async def test_record_searches_answer_as_the_oracle(records: Any, seed: int) -> None:
    rng = random.Random(seed)
    docs = Documents(rng).many(RECORDS)
    async with records.runtime.db.write() as session:
        await store.records.clear(session)
    await records.publish("workflow", *map(_record, docs))
    oracle = Oracle(KINDS, time="time", ends=(), part="")
    made = Expressions(rng, docs, oracle, Names("time", (), "", ()))
    asked = [_search(rng, made) for _ in range(SEARCHES)]
    for start in range(0, SEARCHES, AT_ONCE):
        each = enumerate(asked[start : start + AT_ONCE], start)
        await asyncio.gather(*(_check(records, oracle, docs, n, one) for n, one in each))


def _record(doc: Doc) -> Doc:
    start, end = doc["start"], doc["end"]
    ends = [stamp(start) if start else "..", stamp(end) if end else ".."]
    time = {"timestamp": ends[0]} if start == end else {"interval": ends}
    made = record(doc["id"], "workflow") | {"geometry": doc["geometry"]}
    made["properties"] = {"type": "workflow"} | doc["properties"]
    return made | {"time": time if start or end else None}


def _search(rng: random.Random, made: Expressions) -> dict[str, Any]:
    """Parameters; the filter is an expression still."""
    search = {"filter": made.expression(), "limit": rng.choice(LIMITS)}
    if order := rng.choice(ORDERS):
        search["sortby"] = order
    if rng.random() < 0.5:
        return search
    low, high = map(stamp, sorted(rng.choices(MOMENTS, k=2)))
    if rng.random() < 0.5:
        search["bbox"] = made.box()["bbox"]
    if rng.random() < 0.5:
        search["datetime"] = rng.choice([low, f"{low}/{high}", f"{low}/..", f"../{high}"])
    if rng.random() < 0.3:
        search["match-missing"] = rng.choice(["true", "false", "false"])
    if rng.random() < 0.2:
        search["ids"] = ",".join(f"i{number:02}" for number in rng.sample(range(RECORDS), 12))
    if rng.random() < 0.3:  # Where filter and parameter ask about the same.
        search["filter"] = call("and", made.leaf("column"), search["filter"])
    return search


async def _check(
    records: Any, oracle: Oracle, docs: list[Doc], number: int, search: dict[str, Any]
) -> None:
    wanted = _expected(oracle, docs, search)
    found, matched = await (_posted, _got)[number % 2](records, search)
    about = [doc for doc in docs if doc["id"] in set(found) ^ set(wanted)]
    assert found == wanted, f"\n{search}\nfound {found}\nwanted {wanted}\n{about}"
    assert matched == {len(wanted)}, search


def _expected(oracle: Oracle, docs: list[Doc], search: dict[str, Any]) -> list[str]:
    found = [
        doc
        for doc in docs
        if ("ids" not in search or doc["id"] in search["ids"].split(","))
        and _in_time(doc, search)
        and _in_place(oracle, doc, search)
        and oracle.holds(search["filter"], doc) is True
    ]
    # Ties: what was stored last comes first, apart from the order by time alone, oldest first.
    found.sort(key=lambda doc: str(doc["id"]), reverse=search.get("sortby") != "time")
    for key in reversed((search.get("sortby") or "-time").split(",")):
        found = _sorted(found, key.lstrip("-"), key.startswith("-"))
    return [doc["id"] for doc in found]


def _sorted(docs: list[Doc], name: str, descending: bool) -> list[Doc]:
    """Texts before numbers before booleans; what has no order is last in both directions."""

    def rank(doc: Doc) -> Any:
        if name == "id":
            return doc["id"]
        if name == "time":
            return (doc["start"] or NEVER) if doc["start"] or doc["end"] else None
        value = doc["properties"].get(name)
        if isinstance(value, str | bool | int | float):
            return (0 if isinstance(value, str) else 1 + isinstance(value, bool), value)
        return None

    there = [doc for doc in docs if rank(doc) is not None]
    return sorted(there, key=rank, reverse=descending) + [doc for doc in docs if rank(doc) is None]


def _in_time(doc: Doc, search: dict[str, Any]) -> bool:
    if "datetime" not in search:
        return True
    if doc["start"] is None and doc["end"] is None:
        return search.get("match-missing") != "false"
    low, _, high = search["datetime"].partition("/")
    until = EVER if high == ".." else as_time(high or low)[1]  # type: ignore[index]
    since = NEVER if low == ".." else as_time(low)[0]  # type: ignore[index]
    return (doc["start"] or NEVER) <= until and (doc["end"] or EVER) >= since


def _in_place(oracle: Oracle, doc: Doc, search: dict[str, Any]) -> bool:
    if "bbox" not in search:
        return True
    if doc["geometry"] is None:
        return search.get("match-missing") != "false"
    asked = shape_of({"bbox": search["bbox"]})
    return bool(oracle.shape(doc["geometry"]).intersects(asked))


def _parameters(search: dict[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in search.items() if name != "filter"}
    if "bbox" in asked:
        asked["bbox"] = ",".join(map(str, asked["bbox"]))
    return asked


async def _posted(records: Any, search: dict[str, Any]) -> tuple[list[str], set[int]]:
    found, matched, asked = [], set(), _parameters(search)
    address, body = ITEMS, search["filter"]
    while address:
        answer = await records.client.post(address, params=asked, json=body)
        assert answer.status_code == 200, (answer.text, search)
        page, asked = answer.json(), None
        found += [one["id"] for one in page["features"]]
        matched.add(page["numberMatched"])
        following = [one for one in page["links"] if one["rel"] == "next"]
        address = following[0]["href"].removeprefix(BASE) if following else ""
        body = following[0]["body"] if following else None
    return found, matched


async def _got(records: Any, search: dict[str, Any]) -> tuple[list[str], set[int]]:
    """As text where it can be said so."""
    asked: Any = _parameters(search)
    try:
        asked["filter"] = to_text(search["filter"])
    except NoText:
        asked |= {"filter": json.dumps(search["filter"]), "filter-lang": "cql2-json"}
    found, matched, address = [], set(), ITEMS
    while address:
        answer = await records.client.get(address, params=asked)
        assert answer.status_code == 200, (answer.text, search)
        page, asked = answer.json(), None
        found += [one["id"] for one in page["features"]]
        matched.add(page["numberMatched"])
        address = next((href.removeprefix(BASE) for href in rels(page, "next")), "")
    return found, matched
