"""Filters that make no sense are refused everywhere, with the place, and harm nobody."""

import json

import pytest

from tests.catalog_api.samples import collection_of, item, product
from tests.common.cql2 import bad_filters as bad

COUNTED = {"aggregations": "total_count"}
GETS = [
    ("/stac/search", {}),
    ("/stac/collections/sea/items", {}),
    ("/stac/collections", {}),
    ("/stac/catalogs/projects/collections", {}),
    ("/stac/aggregate", COUNTED),
    ("/stac/collections/sea/aggregate", COUNTED),
    ("/stac/collections-aggregate", COUNTED),
]
POSTS = [
    ("/stac/search", {}),
    ("/stac/aggregate", {"aggregations": ["total_count"]}),
    ("/stac/collections/sea/aggregate", {"aggregations": ["total_count"]}),
]
SENT = {"content-type": "application/json"}


@pytest.fixture
async def sea(catalogue, identity):
    await catalogue.publish("product", product("sea", keywords=["ice"]))
    headers = identity.headers("catalog-api", roles=["operator"])
    path = "/stac/collections/sea/items"
    members = collection_of(item("a", properties={"datetime": "2020-01-01T00:00:00Z", "gsd": 1}))
    answer = await catalogue.client.post(path, json=members, headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue.client


def flaw(answer, **wanted):
    """What is wrong with a refusal; None when it is a problem that names the place."""
    if answer.status_code != 400:
        return answer.status_code, answer.text[:200]
    if not answer.headers["content-type"].startswith("application/problem+json"):
        return answer.headers["content-type"]
    found = answer.json().get("errors", [{}])[0]
    return None if all(found.get(n) == v for n, v in wanted.items()) else answer.json()


@pytest.mark.parametrize(("path", "more"), GETS, ids=[path for path, _ in GETS])
async def test_addresses(sea, path, more):
    asked = [{"filter": text} for text in bad.TEXTS]
    asked += [{"filter": bad.written(n), "filter-lang": "cql2-json"} for n, _ in bad.JSON]
    asked += [{"filter": raw, "filter-lang": "cql2-json"} for raw in bad.RAW]
    flaws = []
    for one in asked:
        answer = await sea.get(path, params=one | more | {"filter": one["filter"][:9000]})
        flaws.append((one["filter"][:80], flaw(answer, parameter="filter")))
    flaws += [(one, flaw(await sea.get(path, params=one | more))) for one in bad.OTHERS]
    assert not [one for one in flaws if one[1]]


@pytest.mark.parametrize(("path", "more"), POSTS, ids=[path for path, _ in POSTS])
async def test_bodies(sea, path, more):
    flaws = []
    for node, place in bad.JSON:
        answer = await _posted(sea, path, bad.written(node), more)
        flaws.append((bad.written(node)[:120], flaw(answer, pointer=f"/filter{place}")))
    for text in bad.TEXTS:
        answer = await _posted(sea, path, json.dumps(text), more | {"filter-lang": "cql2-text"})
        flaws.append((text[:80], flaw(answer, parameter="filter")))
    flaws += [(one, flaw(await sea.post(path, json=one | more))) for one in bad.OTHERS]
    flaws += [(raw[:80], flaw(await _posted(sea, path, raw, more))) for raw in bad.RAW]
    assert not [one for one in flaws if one[1]]


async def _posted(client, path, filter, more):
    """``filter`` is JSON, or what somebody takes for JSON."""
    others = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in more.items())
    body = f'{{"filter": {filter}{others}}}'
    return await client.post(path, content=body, headers=SENT)


async def test_what_is_meant_though_it_is_odd_is_answered(sea):
    answer = await sea.post("/stac/search", json={"filter": bad.MENDED})
    assert answer.status_code == 200, answer.text
    for text in ("gsd%20=%20'%ED%A0%80'", "gsd%20=%20'%FF'", "gsd=1%20%EF%BB%BF"):
        answer = await sea.get(f"/stac/search?filter={text}")
        assert answer.status_code in (200, 400), answer.text


LARGE = 10**30
ODD = [
    {"query": {"gsd": {"lt": LARGE}}},
    {"filter": {"op": "<", "args": [{"property": "gsd"}, LARGE]}},
    {"intersects": {"type": "Point", "coordinates": [10, 50], "size": LARGE}},
]


@pytest.mark.parametrize("path", ["/stac/search", "/stac/catalogs/products/search"])
@pytest.mark.parametrize("odd", ODD, ids=["query", "filter", "intersects"])
async def test_bodies_with_integers_beyond_64_bits(sea, identity, path, odd):
    second = item("b", properties={"datetime": "2020-01-01T00:00:00Z", "gsd": 2})
    headers = identity.headers("catalog-api", roles=["operator"])
    await sea.post("/stac/collections/sea/items", json=second, headers=headers)
    page = await sea.post(path, content=json.dumps(odd | {"limit": 1}), headers=SENT)
    assert page.status_code == 200, page.text
    assert page.json()["numberMatched"] == 2
    (following,) = [one for one in page.json()["links"] if one["rel"] == "next"]
    assert following["body"].items() >= odd.items()
    rest = await sea.post(path, content=json.dumps(following["body"]), headers=SENT)
    assert len(rest.json()["features"]) == 1, rest.text


async def test_a_body_with_half_a_character_can_be_followed(sea, identity):
    second = item("b", properties={"datetime": "2020-01-01T00:00:00Z"})
    headers = identity.headers("catalog-api", roles=["operator"])
    await sea.post("/stac/collections/sea/items", json=second, headers=headers)
    body = '{"limit": 1, "fields": {"include": ["id", "\\ud800"]}}'
    page = await sea.post("/stac/catalogs/products/search", content=body, headers=SENT)
    assert page.status_code == 200, page.text


@pytest.mark.parametrize("path", [path for path, _ in GETS])
async def test_phrases_without_a_word_match_nothing(sea, path):
    answer = await sea.get(path, params={"q": ".."})
    assert answer.status_code == 200, answer.text
    assert not answer.json().get("numberMatched")


@pytest.mark.parametrize("path", ["/stac/search", "/stac/catalogs/products/search"])
@pytest.mark.parametrize("query", ['{"\\ud800": {"no": 1}}', '{"id": {"\\ud800": 1}}'])
async def test_names_that_no_text_has_are_refused(sea, path, query):
    answer = await sea.post(path, content=f'{{"query": {query}}}', headers=SENT)
    assert not flaw(answer), flaw(answer)


PLACES = [
    ({"filter": 5}, "/filter"),
    ({"filter": [1]}, "/filter"),
    ({"collections": 5}, "/collections"),
    ({"q": [1]}, "/q/0"),
    ({"a/b": 1}, "/a~1b"),
]


@pytest.mark.parametrize(("body", "pointer"), PLACES, ids=str)
@pytest.mark.parametrize("path", [path for path, _ in POSTS])
async def test_the_place_is_one_of_the_body(sea, path, body, pointer):
    answer = await sea.post(path, json=body)
    assert not flaw(answer, pointer=pointer), answer.text


SENSELESS = [
    "(S_DISJOINT(geometry, 1)) IS NULL",
    "NOT (S_INTERSECTS(title, POINT(0 0))) IS NULL",
    "(S_INTERSECTS(geometry, POINT(0 0)) AND ('a') = ('a', 'b')) IS NULL",
]


@pytest.mark.parametrize("filter", SENSELESS)
@pytest.mark.parametrize("path", [path for path, _ in GETS])
async def test_operands_within_is_null_make_sense(sea, path, filter):
    answer = await sea.get(path, params={"filter": filter})
    assert not flaw(answer, parameter="filter"), answer.text
