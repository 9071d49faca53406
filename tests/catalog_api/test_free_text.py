"""Words in Items: accents, prefixes, phrases, ranks, by GET and by POST."""

import pytest

from tests.catalog_api.samples import collection_of, item, product

SEARCHES = ("/stac/search", "/stac/collections/sea/items")
ITEMS = [
    ("a", {"title": "Été glacé", "description": "Nothing to see"}),
    ("b", {"description": "Ice, ice and more ice of the summer été"}),
    ("c", {"title": "Sea ice", "keywords": ["thickness", "Jökull"]}),
    ("d", {"title": "Seas of ice", "description": "thick"}),
    ("e", {}),
]


@pytest.fixture
async def full(catalogue, identity):
    headers = identity.headers("catalog-api", roles=["operator"])
    await catalogue.publish("product", product("sea"))
    members = [
        item(id, properties={"datetime": f"2020-01-0{n + 1}T00:00:00Z"} | more)
        for n, (id, more) in enumerate(ITEMS)
    ]
    path = "/stac/collections/sea/items"
    answer = await catalogue.client.post(path, json=collection_of(*members), headers=headers)
    assert answer.status_code == 201, answer.text
    return catalogue


async def _ids(full, q, **more):
    """By GET on both searches and by POST; all must agree."""
    body = {"q": q.split(",")} | more
    posted = (await full.client.post("/stac/search", json=body)).json()
    for path in SEARCHES:
        page = await full.get(path, params={"q": q} | more)
        assert page["features"] == posted["features"]
        assert page["numberMatched"] == len(page["features"])
    return "".join(one["id"] for one in posted["features"])


async def test_words_are_found_as_people_write_them(full):
    for q in ("été", "ete", "ETE", "E\u0301te\u0301", "et"):
        assert await _ids(full, q) == "ab", q
    assert await _ids(full, "jokull") == "c"
    assert await _ids(full, "sea ice") == "c"
    assert await _ids(full, "ice sea") == ""
    assert await _ids(full, "nothing,jok") == "ca"
    assert await _ids(full, "thick") == "cd"
    assert await _ids(full, "e") == "aeb"


async def test_hits_in_titles_come_first_unless_another_order_is_asked_for(full):
    assert await _ids(full, "ice") in ("cdb", "dcb")
    page = await full.get("/stac/search?q=ice&sortby=id")
    assert "".join(one["id"] for one in page["features"]) == "bcd"


async def test_words_are_one_condition_among_others(full):
    assert await _ids(full, "ice", datetime="2020-01-03T00:00:00Z") == "c"
    page = await full.get("/stac/search", params={"q": "ice", "filter": "title LIKE 'Seas%'"})
    assert [one["id"] for one in page["features"]] == ["d"]
    first = await full.get("/stac/search?q=ice&limit=2")
    address = next(one["href"] for one in first["links"] if one["rel"] == "next")
    rest = await full.get(address.removeprefix("https://catalogue.test"))
    assert [one["id"] for one in rest["features"]] == ["b"]


async def test_signs_are_no_operators(full):
    for q in ("'", "(", "a & | b", '""', "a:*", "!ice", "ice:A", "\\", "<->", "%", "ice'); drop"):
        for path in (*SEARCHES, "/stac/collections"):
            assert (await full.client.get(path, params={"q": q})).status_code == 200, q
    for q in ("", " ", ",", ",".join("abc" for _ in range(99)), "x " * 99):
        for path in (*SEARCHES, "/stac/collections"):
            answer = await full.client.get(path, params={"q": q})
            assert answer.status_code == 400, q
            assert answer.json()["errors"][0]["parameter"] == "q"
    for q in (5, [5], [""], [], {}, [["a"]]):
        answer = await full.client.post("/stac/search", json={"q": q})
        assert answer.status_code == 400, q
