"""Searches over HTTP against plain Python and shapely: the same Items, in order, over all pages."""

import json
from datetime import timedelta

from catalog_api.store import items
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.catalog_api.samples import item, product
from tests.common.cql2 import strategies as make
from tests.common.cql2.oracle import Oracle, shape_of
from tests.profile import trying

PUBLIC = "https://catalogue.test"
SEARCHES = 10
TIMES = ["datetime", "start_datetime", "end_datetime", "created", "updated"]
ORACLE = Oracle(dict.fromkeys(TIMES, "time"))
PRODUCTS = ("c1", "c2", "é.3")
ORDERS = ["", "datetime", "-datetime", "id", "-gsd,id", "gsd", "-collection,gsd", "end_datetime"]


@st.composite
def searches(draw):
    """Members of a search body, with sortby as GET has it."""
    one, two = sorted(draw(st.lists(make.some(make.MOMENTS), min_size=2, max_size=2)))
    low, high, day = make.stamp(one), make.stamp(two), make.stamp(one + timedelta(days=1))
    place = draw(st.sampled_from(["", "", "bbox", "intersects"]))
    return {
        "filter": draw(make.expressions),
        "bbox": draw(make.boxes())["bbox"] if place == "bbox" else None,
        "intersects": draw(make.geometries()) if place == "intersects" else None,
        "datetime": draw(
            st.sampled_from([None, None, None, low, f"{low}/{high}", f"{day}/..", f"../{high}"])
        ),
        "collections": draw(st.sampled_from([None, None, ["c1", "é.3"], ["c2", "none"]])),
        "ids": draw(st.sampled_from([None, None, None, ["i0", "i2", "i3", "i7"]])),
        "sortby": draw(st.sampled_from(ORDERS)) or None,
        "limit": draw(st.integers(1, 4)),
    }


@trying(
    10,  # of as many searches each
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # Shrinking takes minutes; the report is small already.
    suppress_health_check=list(HealthCheck),
)
@given(
    docs=make.documents(),
    asked=st.lists(searches(), min_size=SEARCHES, max_size=SEARCHES),
)
async def test_searches_answer_as_the_oracle(catalogue, identity, docs, asked):
    docs = [_with_time(doc) for doc in docs]
    await _stored(catalogue, identity.headers("catalog-api", roles=["operator"]), docs)
    for number, search in enumerate(asked):
        search = {name: value for name, value in search.items() if value is not None}
        wanted = _expected(docs, search)
        found, matched = await (_posted, _got)[number % 2](catalogue, search)
        about = [doc for doc in docs if (doc["collection"], doc["id"]) in set(found) ^ set(wanted)]
        assert found == wanted, f"\n{search}\nfound {found}\nwanted {wanted}\n{about}"
        assert matched == {len(wanted)}, search


def _with_time(doc):
    """Items have both ends of their time; a copy of a number is there to be sorted by."""
    start, end = doc["start"] or doc["end"], doc["end"] or doc["start"]
    start, end = (start, end) if start else (make.MOMENTS[0],) * 2
    gsd = {"gsd": doc["properties"]["m"]} if "m" in doc["properties"] else {}
    return doc | {"start": start, "end": end, "properties": doc["properties"] | gsd}


async def _stored(catalogue, headers, docs):
    async with catalogue.runtime.db.write() as session:
        await items.clear(session)
    for id in PRODUCTS:
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
    start, end = make.stamp(doc["start"]), make.stamp(doc["end"])
    span = {"datetime": None, "start_datetime": start, "end_datetime": end}
    time = {"datetime": start} if start == end else span
    found = item(doc["id"], geometry=doc["geometry"], properties=doc["properties"] | time)
    if doc["geometry"] is None:
        found.pop("bbox")
        return found
    return found | {"bbox": list(shape_of(doc["geometry"]).bounds)}


def _expected(docs, search):
    found = [doc for doc in docs if _matches(doc, search)]
    # Ties: what was stored last comes first, apart from the order by time alone, oldest first.
    last_first = search.get("sortby") != "datetime" or "ids" in search
    found.sort(key=lambda doc: (doc["collection"], doc["id"]), reverse=last_first)
    for key in reversed((search.get("sortby") or "-datetime").split(",")):
        found = _sorted(found, key.lstrip("-"), key.startswith("-"))
    return [(doc["collection"], doc["id"]) for doc in found]


def _sorted(docs, name, descending):
    def value(doc):
        columns = {"datetime": "start", "end_datetime": "end"}
        if name in ("datetime", "end_datetime", "id", "collection"):
            return doc[columns.get(name, name)]
        return doc["properties"].get(name)

    there = [doc for doc in docs if value(doc) is not None]
    missing = [doc for doc in docs if value(doc) is None]
    return sorted(there, key=value, reverse=descending) + missing


def _matches(doc, search):
    if doc["collection"] not in search.get("collections", PRODUCTS):
        return False
    if "ids" in search and doc["id"] not in search["ids"]:
        return False
    if "datetime" in search:
        low, _, high = search["datetime"].partition("/")
        high = high or low
        if (high != ".." and make.stamp(doc["start"]) > high) or (
            low != ".." and make.stamp(doc["end"]) < low
        ):
            return False
    return _is_there(doc, search) and ORACLE.holds(search["filter"], doc) is True


def _is_there(doc, search):
    asked = search.get("intersects") or ("bbox" in search and {"bbox": search["bbox"]})
    if not asked:
        return True
    return doc["geometry"] is not None and shape_of(doc["geometry"]).intersects(shape_of(asked))


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
    asked = {
        name: value if isinstance(value, str | int) else json.dumps(value).strip("[]")
        for name, value in search.items()
    }
    for name in ("ids", "collections"):
        if name in search:
            asked[name] = ",".join(search[name])
    asked |= {"filter": json.dumps(search["filter"]), "filter-lang": "cql2-json"}
    found, matched, address = [], set(), "/stac/search"
    while address:
        answer = await catalogue.client.get(address, params=asked)
        assert answer.status_code == 200, (answer.text, asked)
        page, asked = answer.json(), None
        _add(page, found, matched)
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
        address = address.removeprefix(PUBLIC)
    return found, matched


def _add(page, found, matched):
    found += [(one["collection"], one["id"]) for one in page["features"]]
    matched.add(page["numberMatched"])
