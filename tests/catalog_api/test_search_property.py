"""Searches over HTTP against plain Python and shapely: the same Items, in order, over all pages."""

import asyncio
import json
import random
from datetime import timedelta

from catalog_api.store import items
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.catalog_api.samples import item, product
from tests.common.cql2.documents import COLLECTIONS, MOMENTS, Documents, stamp
from tests.common.cql2.expressions import Expressions, Names, call
from tests.common.cql2.oracle import Oracle, as_time, shape_of
from tests.common.cql2.text import NoText, to_text
from tests.profile import trying

PUBLIC = "https://catalogue.test"
ITEMS, SEARCHES, AT_ONCE = 30, 50, 4
LIMITS = [1, *[4, 6, 9, 20] * 8]
KINDS = {"gsd": "number", "eo:cloud_cover": "number", "title": "text"}
TIMES = ["datetime", "start_datetime", "end_datetime", "created", "updated"]
KINDS |= dict.fromkeys(TIMES, "time")
ORDERS = ["", "", "datetime", "-datetime", "id", "-gsd,id", "gsd", "-collection,gsd", "s,-flag"]
ORDERS += ["end_datetime", "-start_datetime", "title", "-title", "-flag,start_datetime", "-t"]


@trying(
    40,  # data sets, of as many searches each
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # A smaller seed is not a simpler case.
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
async def test_searches_answer_as_the_oracle(catalogue, identity, seed):
    rng = random.Random(seed)
    docs = [_as_item(rng, doc) for doc in Documents(rng).many(ITEMS)]
    await _stored(catalogue, identity.headers("catalog-api", roles=["operator"]), docs)
    oracle = Oracle(KINDS)
    made = Expressions(rng, docs, oracle, Names())
    asked = [_search(rng, made) for _ in range(SEARCHES)]
    for start in range(0, SEARCHES, AT_ONCE):
        each = enumerate(asked[start : start + AT_ONCE], start)
        await asyncio.gather(*(_check(catalogue, oracle, docs, n, one) for n, one in each))


def _search(rng, made):
    """Members of a search body, with sortby as GET has it."""
    search = {"filter": made.expression(), "limit": rng.choice(LIMITS)}
    if order := rng.choice(ORDERS):
        search["sortby"] = order
    if rng.random() < 0.5:
        return search
    place, (one, two) = rng.random(), sorted(rng.choices(MOMENTS, k=2))
    low, high, day = stamp(one), stamp(two), stamp(one + timedelta(days=1))
    if place < 0.5:
        search |= {"bbox": made.box()["bbox"]} if place < 0.3 else {"intersects": made.geometry()}
    if rng.random() < 0.5:
        search["datetime"] = rng.choice([low, f"{low}/{high}", f"{day}/..", f"../{high}"])
    if rng.random() < 0.4:
        search["collections"] = rng.choice([["c1", "é.3"], ["c2", "none"], ["c1"], ["é.3"]])
    if rng.random() < 0.2:
        search["ids"] = [f"i{number:02}" for number in rng.sample(range(ITEMS), 12)]
    if rng.random() < 0.3:  # Where filter and parameter ask about the same.
        search["filter"] = call("and", made.leaf("column"), search["filter"])
    return search


async def _check(catalogue, oracle, docs, number, search):
    wanted = _expected(oracle, docs, search)
    found, matched = await (_posted, _got)[number % 2](catalogue, search)
    about = [doc for doc in docs if (doc["collection"], doc["id"]) in set(found) ^ set(wanted)]
    assert found == wanted, f"\n{search}\nfound {found}\nwanted {wanted}\n{about}"
    assert matched == {len(wanted)}, search


def _as_item(rng, doc):
    """Items have both ends of their time, which may stand beside a datetime."""
    start, end = doc["start"] or doc["end"], doc["end"] or doc["start"]
    start, end = (start, end) if start else (MOMENTS[0],) * 2
    span = {"start_datetime": stamp(start), "end_datetime": stamp(end)}
    time = {"datetime": stamp(start)} if start == end else span | {"datetime": None}
    if rng.random() < 0.2:
        time = span | {"datetime": stamp(rng.choice([start, end]))}
    return doc | {"start": start, "end": end, "properties": doc["properties"] | time}


async def _stored(catalogue, headers, docs):
    async with catalogue.runtime.db.write() as session:
        await items.clear(session)
    for id in COLLECTIONS:
        if not any(entry.id == id for entry in catalogue.ledger.entries):
            await catalogue.publish("product", product(id))
        lines = [json.dumps(_item(doc)) for doc in docs if doc["collection"] == id]
        if not lines:
            continue
        answer = await catalogue.client.post(
            f"/stac/collections/{id}/bulk_items",
            content="\n".join(lines),
            headers=headers | {"content-type": "application/x-ndjson"},
        )
        assert answer.json()["inserted"] == len(lines), answer.text


def _item(doc):
    found = item(doc["id"], geometry=doc["geometry"], properties=doc["properties"])
    if doc["geometry"] is None:
        found.pop("bbox")
        return found
    return found | {"bbox": list(shape_of(doc["geometry"]).bounds)}


def _expected(oracle, docs, search):
    found = [doc for doc in docs if _matches(oracle, doc, search)]
    # Ties: what was stored last comes first, apart from the order by time alone, oldest first.
    last_first = search.get("sortby") not in ("datetime", "start_datetime")
    found.sort(key=lambda doc: (doc["collection"], doc["id"]), reverse=last_first)
    for key in reversed((search.get("sortby") or "-datetime").split(",")):
        found = _sorted(found, key.lstrip("-"), key.startswith("-"))
    return [(doc["collection"], doc["id"]) for doc in found]


def _sorted(docs, name, descending):
    """Texts before numbers before booleans; what has no order is last in both directions."""
    columns = {"datetime": "start", "start_datetime": "start", "end_datetime": "end"}

    def rank(doc):
        if name in ("id", "collection", *columns):
            return (0, doc[columns.get(name, name)])
        value = doc["properties"].get(name)
        if isinstance(value, str | bool | int | float):
            return (0 if isinstance(value, str) else 1 + isinstance(value, bool), value)
        return None

    there = [doc for doc in docs if rank(doc) is not None]
    missing = [doc for doc in docs if rank(doc) is None]
    return sorted(there, key=rank, reverse=descending) + missing


def _matches(oracle, doc, search):
    if doc["collection"] not in search.get("collections", COLLECTIONS):
        return False
    if "ids" in search and doc["id"] not in search["ids"]:
        return False
    if "datetime" in search:
        low, _, high = search["datetime"].partition("/")
        high = high or low
        if high != ".." and doc["start"] > as_time(high)[1]:
            return False
        if low != ".." and doc["end"] < as_time(low)[0]:
            return False
    return _is_there(oracle, doc, search) and oracle.holds(search["filter"], doc) is True


def _is_there(oracle, doc, search):
    asked = search.get("intersects") or ("bbox" in search and {"bbox": search["bbox"]})
    if not asked:
        return True
    there = doc["geometry"] is not None
    return there and oracle.shape(doc["geometry"]).intersects(shape_of(asked))


async def _posted(catalogue, search):
    keys = [
        {"field": key.lstrip("-"), "direction": "desc" if key.startswith("-") else "asc"}
        for key in search.get("sortby", "").split(",")
        if key
    ]
    body = search | ({"sortby": keys} if keys else {}) | {"fields": {"include": ["id"]}}
    found, matched = [], set()
    while body:
        answer = await catalogue.client.post("/stac/search", json=body)
        assert answer.status_code == 200, (answer.text, body)
        page = answer.json()
        _add(page, found, matched)
        body = next((one["body"] for one in page["links"] if one["rel"] == "next"), None)
    return found, matched


async def _got(catalogue, search):
    """As text where it can be said so, at the collection's own address if there is one."""
    asked = {
        name: value if isinstance(value, str | int) else json.dumps(value).strip("[]")
        for name, value in search.items()
    }
    for name in ("ids", "collections"):
        if name in search:
            asked[name] = ",".join(search[name])
    asked |= _filter(search["filter"]) | {"fields": "id,collection"}
    found, matched, address = [], set(), "/stac/search"
    if len(search.get("collections", ())) == 1 and not {"ids", "intersects"} & set(search):
        address = f"/stac/collections/{asked.pop('collections')}/items"
    while address:
        answer = await catalogue.client.get(address, params=asked)
        assert answer.status_code == 200, (answer.text, asked)
        page, asked = answer.json(), None
        _add(page, found, matched)
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
        address = address.removeprefix(PUBLIC)
    return found, matched


def _filter(expression):
    try:
        return {"filter": to_text(expression)}
    except NoText:
        return {"filter": json.dumps(expression), "filter-lang": "cql2-json"}


def _add(page, found, matched):
    found += [(one["collection"], one["id"]) for one in page["features"]]
    matched.add(page["numberMatched"])
