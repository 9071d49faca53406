"""Changes of Items: merge patches, JSON patches, what they keep and what they refuse."""

import asyncio
import json

import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
ITEMS = "/stac/collections/sea-ice/items"
ONE = f"{ITEMS}/one"
MERGE = "application/merge-patch+json"
OPERATIONS = "application/json-patch+json"


async def stocked(catalogue, identity):
    await catalogue.publish("product", product(), owner="deepesdl")
    catalogue.owner = identity.headers("catalog-api", sub="deepesdl", roles=["contributor"])
    return catalogue


@pytest.fixture
async def shop(catalogue, identity):
    """A catalogue with one product, and its owner's headers."""
    return await stocked(catalogue, identity)


@pytest.fixture
async def careless(make_catalogue, identity):
    """The same without the need of If-Match."""
    return await stocked(await make_catalogue(require_if_match=False), identity)


async def stock(shop, document=None, *, text=None):
    headers = shop.owner | {"content-type": "application/json"}
    answer = await shop.client.post(
        ITEMS, content=text or json.dumps(document or item()), headers=headers
    )
    assert answer.status_code == 201, answer.text
    return answer


async def patch(shop, change, media=MERGE, *, path=ONE, **headers):
    content = change if isinstance(change, str | bytes) else json.dumps(change)
    known = {"content-type": media, "if-match": "*"} | shop.owner
    return await shop.client.patch(path, content=content, headers=known | headers)


@pytest.mark.parametrize("media", [MERGE, "application/json", "application/geo+json"])
async def test_a_merge_patch_changes_what_it_names(shop, media):
    seen = await stock(shop, item(properties={"datetime": "2020-06-01T00:00:00Z", "a": 1, "b": 2}))
    answer = await patch(shop, {"properties": {"a": None, "b": {"c": [1, None]}}, "new": 3}, media)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    now = await shop.client.get(ONE)
    assert now.headers["etag"] == answer.headers["etag"] != seen.headers["etag"]
    expected = seen.json() | {"new": 3}
    expected["properties"] = {"datetime": "2020-06-01T00:00:00Z", "b": {"c": [1, None]}}
    assert now.json() == expected


async def test_a_json_patch_is_applied_in_its_order(shop):
    await stock(shop, item(list=[1, 2, 3], **{"a/b": {"~": 1}}))
    operations = [
        {"op": "test", "path": "/list/0", "value": 1},
        {"op": "add", "path": "/list/-", "value": 4},
        {"op": "remove", "path": "/list/0"},
        {"op": "replace", "path": "/a~1b/~0", "value": None},
        {"op": "copy", "from": "/list/0", "path": "/list/0"},
        {"op": "move", "from": "/a~1b", "path": "/moved"},
    ]
    answer = await patch(shop, operations, OPERATIONS, prefer="return=representation")
    assert answer.status_code == 200, answer.text
    assert answer.headers["preference-applied"] == "return=representation"
    assert (answer.json()["list"], answer.json()["moved"]) == ([2, 2, 3, 4], {"~": None})
    assert "a/b" not in answer.json()
    found = await shop.client.get(ONE)
    assert (found.text, found.headers["etag"]) == (answer.text, answer.headers["etag"])


@pytest.mark.parametrize(
    ("change", "media"),
    [({"new": 1}, MERGE), ([{"op": "add", "path": "/new", "value": 1}], OPERATIONS)],
)
async def test_what_is_not_touched_keeps_its_spelling_and_order(shop, change, media):
    odd = '"z":1.50,"a":[1e2,-0.0,123456789012345678901234567890,0.1000000000000000055],"m":{}'
    before = await stock(shop, text=json.dumps(item())[:-1] + "," + odd + "}")
    assert odd in before.text
    assert (await patch(shop, change, media)).status_code == 204
    after = (await shop.client.get(ONE)).text
    assert odd in after
    assert after.replace(',"new":1', "") == before.text


async def test_patches_take_part_in_search(shop):
    await stock(shop)
    moved = {
        "geometry": {"type": "Point", "coordinates": [-60, -10]},
        "bbox": [-60, -10, -60, -10],
        "properties": {"datetime": "2022-01-01T00:00:00Z"},
    }
    assert (await patch(shop, moved)).status_code == 204
    for asked, matched in [
        ("bbox=-61,-11,-59,-9", 1),
        ("bbox=9,49,11,51", 0),
        ("datetime=2022-01-01T00:00:00Z", 1),
        ("datetime=2020-06-01T00:00:00Z", 0),
    ]:
        assert (await shop.get(f"/stac/search?{asked}"))["numberMatched"] == matched, asked


BOMB = [{"op": "copy", "from": "/properties", "path": f"/properties/x{n}"} for n in range(60)]
TWICE = [{"op": "copy", "from": "/list", "path": "/list/-"}] * 40
LIST = [{"op": "add", "path": "/list", "value": [1]}, *TWICE]
REFUSED = [
    ({"id": "two"}, MERGE, 400, "/id"),
    ({"id": None}, MERGE, 400, "/id"),
    ({"collection": "other"}, MERGE, 400, "/collection"),
    ({"bbox": [1]}, MERGE, 400, "/bbox"),
    ({"properties": {"datetime": "x"}}, MERGE, 400, "/properties/datetime"),
    ({"assets": None}, MERGE, 400, "/assets"),
    ({"odd": "\x00"}, MERGE, 400, "/odd"),
    ([], MERGE, 400, ""),
    ("null", MERGE, 400, ""),
    ("3", MERGE, 400, ""),
    ("{", MERGE, 400, None),
    ("", MERGE, 400, None),
    ('{"a":' * 900 + "1" + "}" * 900, MERGE, 400, None),
    ('{"odd": 1e999}', MERGE, 400, "/odd"),
    ('{"odd": NaN}', MERGE, 400, None),
    (b"\xff", MERGE, 400, None),
    ({}, OPERATIONS, 400, ""),
    ([3], OPERATIONS, 400, "/0"),
    ([{}], OPERATIONS, 400, "/0"),
    ([{"op": "add", "path": "/x"}], OPERATIONS, 400, "/0"),
    ([{"op": "spin", "path": "/x"}], OPERATIONS, 400, "/0"),
    ([{"op": "add", "path": 3, "value": 1}], OPERATIONS, 400, "/0"),
    ([{"op": [], "path": "/x", "value": 1}], OPERATIONS, 400, "/0"),
    ([{"op": "add", "path": "x", "value": 1}], OPERATIONS, 409, "/0"),
    ([{"op": "remove", "path": ""}], OPERATIONS, 409, "/0"),
    ([{"op": "remove", "path": "/none"}], OPERATIONS, 409, "/0"),
    ([{"op": "replace", "path": "/none/x", "value": 1}], OPERATIONS, 409, "/0"),
    ([{"op": "add", "path": "/bbox/99", "value": 1}], OPERATIONS, 409, "/0"),
    ([{"op": "add", "path": "/bbox/x", "value": 1}], OPERATIONS, 409, "/0"),
    ([{"op": "add", "path": "/id/x", "value": 1}], OPERATIONS, 409, "/0"),
    ([{"op": "move", "from": "/properties", "path": "/properties/x"}], OPERATIONS, 409, "/0"),
    ([{"op": "copy", "from": "/none", "path": "/x"}], OPERATIONS, 409, "/0"),
    ([{"op": "copy", "path": "/x"}], OPERATIONS, 400, "/0"),
    ([{"op": "test", "path": "/id", "value": "two"}], OPERATIONS, 409, "/0"),
    ([{"op": "test", "path": "/bbox/0", "value": True}], OPERATIONS, 409, "/0"),
    ([{"op": "replace", "path": "", "value": []}], OPERATIONS, 400, ""),
    ([{"op": "replace", "path": "", "value": item("two")}], OPERATIONS, 400, "/id"),
    (BOMB, OPERATIONS, 400, None),
    (LIST, OPERATIONS, 400, "/18"),  # seconds earlier than at a limit ten times higher
    ([{"op": "remove", "path": "/x"}] * 1001, OPERATIONS, 400, ""),
    ({}, "text/plain", 415, None),
    ({}, "application/x-ndjson", 415, None),
]


async def test_patches_that_cannot_be_applied_change_nothing(shop):
    before = await stock(shop)
    for change, media, status, pointer in REFUSED:
        answer = await patch(shop, change, media)
        assert answer.status_code == status, (change, answer.status_code, answer.text[:500])
        assert answer.headers["content-type"] == "application/problem+json"
        places = [error.get("pointer") for error in answer.json().get("errors", [])]
        assert pointer is None or pointer in places, (change, places)
        if status == 415:
            assert MERGE in answer.headers["accept-patch"]
    assert (await shop.client.get(ONE)).text == before.text


async def test_a_change_needs_the_version_that_was_seen(shop, identity):
    seen = (await stock(shop)).headers["etag"]
    answer = await shop.client.patch(ONE, json={"n": 1}, headers=shop.owner)
    assert answer.status_code == 428
    assert (await patch(shop, {"n": 1}, **{"if-match": '"other"'})).status_code == 412
    answer = await patch(shop, {"n": 1}, **{"if-match": seen})
    assert answer.status_code == 204
    stale = await patch(shop, {"n": 2}, **{"if-match": seen})
    assert (stale.status_code, stale.headers["etag"]) == (412, answer.headers["etag"])
    stranger = identity.headers("catalog-api", sub="cdse", roles=["contributor"])
    assert (await patch(shop, {"n": 2}, **stranger)).status_code == 403
    assert (await patch(shop, {"n": 2}, path=f"{ITEMS}/none")).status_code == 404
    anonymous = await shop.client.patch(ONE, json={"n": 2}, headers={"if-match": "*"})
    assert anonymous.status_code == 401


async def test_no_change_of_many_is_lost(careless):
    await stock(careless)
    headers = careless.owner | {"content-type": MERGE}
    answers = await asyncio.gather(
        *(
            careless.client.patch(ONE, content=json.dumps({f"n{n}": n}), headers=headers)
            for n in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {204}
    found = await careless.get(ONE)
    assert [found[f"n{n}"] for n in range(20)] == list(range(20))


async def test_if_match_counts_where_it_is_not_needed(careless):
    seen = (await stock(careless)).headers["etag"]
    changed = await careless.client.put(ONE, json=item(n=1), headers=careless.owner)
    assert (changed.status_code, changed.content) == (204, b"")
    assert "content-type" not in changed.headers
    stale = careless.owner | {"if-match": seen}
    assert (await careless.client.put(ONE, json=item(n=2), headers=stale)).status_code == 412
    assert (await careless.client.delete(ONE, headers=stale)).status_code == 412
    assert (await careless.client.delete(ONE, headers=careless.owner)).status_code == 204


async def test_deleting_what_is_not_there_is_done(careless, identity):
    for headers in (careless.owner, careless.owner | {"if-match": '"x"'}):
        gone = await careless.client.delete(ONE, headers=headers)
        assert (gone.status_code, gone.content) == (204, b"")
        assert "content-type" not in gone.headers
    nowhere = "/stac/collections/none/items/one"
    assert (await careless.client.delete(nowhere, headers=careless.owner)).status_code == 404
    stranger = identity.headers("catalog-api", sub="cdse", roles=["contributor"])
    assert (await careless.client.delete(ONE, headers=stranger)).status_code == 403


async def test_partial_items_get_what_the_address_says(careless):
    partial = {name: value for name, value in item().items() if name != "links"}
    await stock(careless, partial)
    del partial["id"]
    assert (await careless.client.put(ONE, json=partial, headers=careless.owner)).status_code == 204
    found = await careless.get(ONE)
    assert (found["id"], found["collection"]) == ("one", "sea-ice")
    answer = await careless.client.post(ITEMS, json=partial, headers=careless.owner)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/id")
    wrong = item("two")
    answer = await careless.client.put(ONE, json=wrong, headers=careless.owner)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/id")


async def test_each_bad_member_of_a_collection_is_named(shop):
    await stock(shop, item("known"))
    headers = shop.owner
    bad = [item("a"), item("b", bbox=[1]), 3, item("a"), item("c", type="x", assets=None)]
    answer = await shop.client.post(ITEMS, json=collection_of(*bad), headers=headers)
    assert answer.status_code == 400
    named = [(error["index"], error["pointer"]) for error in answer.json()["errors"]]
    assert sorted(named) == [
        (1, "/features/1/bbox"),
        (2, "/features/2"),
        (3, "/features/3/id"),
        (4, "/features/4/assets"),
        (4, "/features/4/type"),
    ]
    answer = await shop.client.post(ITEMS, json=collection_of(item("known")), headers=headers)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["index"] == 0
    assert answer.json()["errors"][0]["pointer"] == "/features/0/id"
    assert (await shop.get(ITEMS))["numberMatched"] == 1


async def test_asset_addresses_may_be_relative_in_a_patch(shop):
    await stock(shop)
    change = {"assets": {"more": {"href": "./two.nc"}}}
    answer = await patch(shop, change, prefer="respond-async, return=representation")
    attachments = f"{PUBLIC}/publish/entities/product/sea-ice/attachments"
    assert {name: one["href"] for name, one in answer.json()["assets"].items()} == {
        "data": f"{attachments}/one.nc",
        "more": f"{attachments}/two.nc",
    }
