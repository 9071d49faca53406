"""Items are written here: who may, what is refused and where, what is kept."""

import asyncio
import json
from urllib.parse import quote

import pytest
from auth_gateway.domain.paths import Ambiguous, judge

from tests.catalog_api.samples import collection_of, item, product, rels, without_links

PUBLIC = "https://catalogue.test"
ITEMS = "/stac/collections/sea-ice/items"
ONE = f"{ITEMS}/one"


@pytest.fixture
async def shelf(catalogue, identity):
    """A catalogue with one product of the platform deepesdl, and that platform's headers."""
    await catalogue.publish("product", product(), owner="deepesdl")
    catalogue.owner = identity.headers(
        "catalog-api", sub="x", roles=["platform"], platform="deepesdl"
    )
    return catalogue


async def post(shelf, document, *, path=ITEMS, **more):
    headers = shelf.owner | {"content-type": "application/json"} | more.pop("headers", {})
    return await shelf.client.post(path, content=json.dumps(document), headers=headers, **more)


async def test_an_item_is_created_and_served_as_it_was_sent(shelf):
    document = item(
        odd={"deep": [1.50, None]},
        links=[{"rel": "self", "href": "./one.json"}, {"rel": "via", "href": "https://x.test"}],
        assets={"data": {"href": "./one.nc"}, "far": {"href": "s3://bucket/x", "roles": ["data"]}},
    )
    made = await post(shelf, document)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == PUBLIC + ONE
    found = await shelf.client.get(ONE)
    assert found.text == made.text
    assert found.headers["etag"] == made.headers["etag"]
    assert found.headers["content-type"] == "application/geo+json"
    attachments = f"{PUBLIC}/publish/entities/product/sea-ice/attachments"
    document["assets"]["data"]["href"] = f"{attachments}/one.nc"
    assert without_links(found.json()) == without_links(document) | {"collection": "sea-ice"}
    assert [(one["rel"], one["href"]) for one in found.json()["links"]] == [
        ("self", PUBLIC + ONE),
        ("root", f"{PUBLIC}/stac"),
        ("parent", f"{PUBLIC}/stac/collections/sea-ice"),
        ("collection", f"{PUBLIC}/stac/collections/sea-ice"),
        ("via", "https://x.test"),
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ({"sub": "someone", "roles": ["contributor"]}, 403),
        ({"sub": "x", "roles": ["platform"], "platform": "cdse"}, 403),
        ({"sub": "deepesdl", "roles": ["platform"]}, 201),
        ({"sub": "x", "roles": ["platform"], "platform": "deepesdl"}, 201),
        ({"sub": "x", "roles": ["steward"]}, 201),
        ({"sub": "x", "roles": ["operator"]}, 201),
    ],
)
async def test_who_may_write(shelf, identity, who, status):
    shelf.owner = identity.headers("catalog-api", **who) if who else {}
    assert (await post(shelf, item())).status_code == status
    bulk = {"content": json.dumps(item("two")), "path": "/stac/collections/sea-ice/bulk_items"}
    headers = shelf.owner | {"content-type": "application/x-ndjson"}
    answer = await shelf.client.post(bulk["path"], content=bulk["content"], headers=headers)
    assert answer.status_code == (200 if status == 201 else status)
    gone = await shelf.client.delete(ONE, headers=shelf.owner | {"if-match": "*"})
    assert gone.status_code == (204 if status == 201 else status)


async def test_a_token_for_another_service_is_refused(shelf, identity):
    shelf.owner = identity.headers("publisher", roles=["operator"])
    assert (await post(shelf, item())).status_code == 401


async def test_there_is_no_shelf_without_a_product(shelf):
    await shelf.publish("project", product("arctic"))
    for id in ("unknown", "arctic"):
        answer = await post(shelf, item(), path=f"/stac/collections/{id}/items")
        assert answer.status_code == 404


def geometry(type, coordinates):
    return {"geometry": {"type": type, "coordinates": coordinates}}


NESTED: list = []
for _ in range(80):
    NESTED = [NESTED]

REFUSED = [
    ({"type": "Collection"}, "/type"),
    ({"stac_version": None}, "/stac_version"),
    ({"stac_version": "0.9.0"}, "/stac_version"),
    ({"id": ""}, "/id"),
    ({"id": 5}, "/id"),
    ({"id": "a/b"}, "/id"),
    ({"id": ".."}, "/id"),
    ({"id": "a\nb"}, "/id"),
    ({"id": "a" * 257}, "/id"),
    ({"bbox": None}, "/bbox"),
    ({"bbox": [1, 2, 3]}, "/bbox"),
    ({"bbox": [1, 60, 3, 50]}, "/bbox"),
    ({"bbox": [1, 2, 3, "4"]}, "/bbox"),
    (geometry("Point", [1, 95]), "/geometry"),
    (geometry("Point", [1, "2"]), "/geometry"),
    (geometry("Point", []), "/geometry"),
    (geometry("Polygon", [[[0, 0], [1, 1]]]), "/geometry"),
    (geometry("Blob", [1, 2]), "/geometry"),
    ({"geometry": "POINT(1 2)"}, "/geometry"),
    (
        {"geometry": {"type": "GeometryCollection", "geometries": [
            {"type": "GeometryCollection", "geometries": []}]}},
        "/geometry",
    ),
    ({"properties": None}, "/properties"),
    ({"properties": {}}, "/properties/datetime"),
    ({"properties": {"datetime": None}}, "/properties"),
    ({"properties": {"datetime": "yesterday"}}, "/properties/datetime"),
    ({"properties": {"datetime": 5}}, "/properties/datetime"),
    (
        {"properties": {"datetime": None, "start_datetime": "2021-01-01T00:00:00Z",
                        "end_datetime": "2020-01-01T00:00:00Z"}},
        "/properties/end_datetime",
    ),
    ({"properties": {"datetime": "2020-01-01T00:00:00Z", "end_datetime": "x"}}, "/properties"),
    ({"links": {}}, "/links"),
    ({"links": [{"rel": "via"}]}, "/links/0/href"),
    ({"assets": None}, "/assets"),
    ({"assets": {"a/b": {}}}, "/assets/a~1b/href"),
    ({"collection": "another"}, "/collection"),
    ({"stac_extensions": "x"}, "/stac_extensions"),
    ({"odd": NESTED}, None),
    ({"odd": "\x00"}, "/odd"),
    ({"odd": "\ud800"}, "/odd"),
    ({"\ud800": 1}, ""),
]  # fmt: skip


async def test_what_is_wrong_is_named_with_its_place(shelf):
    for members, pointer in REFUSED:
        document = {k: v for k, v in item(**members).items() if v is not None or k == "geometry"}
        answer = await post(shelf, document)
        assert answer.status_code == 400, (members, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        places = [error.get("pointer") for error in answer.json()["errors"]]
        assert pointer is None or pointer in places, (members, places)
    assert (await shelf.get("/stac/search"))["numberMatched"] == 0


POINT = json.dumps(item())
NOT_ITEMS = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    POINT.replace("50]", "NaN]").encode(),
    POINT.replace("50]", "1e999]").encode(),
    POINT.replace("50]", "9" * 5000 + "]").encode(),
    b"[" * 200_000,
    b'{"a":' * 100_000,
    json.dumps(collection_of()).encode(),
    json.dumps({"type": "FeatureCollection", "features": [None, 1]}).encode(),
    json.dumps({"type": "FeatureCollection", "features": {}}).encode(),
]


async def test_bodies_that_are_not_items(shelf):
    headers = shelf.owner | {"content-type": "application/geo+json"}
    for body in NOT_ITEMS:
        answer = await shelf.client.post(ITEMS, content=body, headers=headers)
        assert answer.status_code == 400, (body[:100], answer.text)
        assert answer.json()["status"] == 400


async def test_a_body_must_say_that_it_is_json(shelf):
    for given in ({}, {"content-type": "text/plain"}, {"content-type": "application/x-ndjson"}):
        answer = await shelf.client.post(ITEMS, content=b"{}", headers=shelf.owner | given)
        assert answer.status_code == 415


ODD = [
    {"geometry": None, "bbox": None},
    geometry("Point", [10, 50, 1000]),
    geometry("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]),
    geometry("Polygon", [[[170, 0], [190, 0], [190, 10], [170, 10], [170, 0]]]),
    {"geometry": {"type": "GeometryCollection", "geometries": [
        {"type": "Point", "coordinates": [1, 2]}]}},
    {"properties": {"datetime": "2020-01-01T00:00:00Z", "extent": {"a": [1]}, "n": 2**70}},
    {"properties": {"datetime": "0000-01-01T00:00:00Z"}},
    {"properties": {"datetime": "2016-12-31T23:59:60Z", "description": "é" * 200_000}},
    {"stac_version": "1.1.0", "id": "with space & ünicode=%?#"},
    {"properties": {"datetime": "2020-01-01T00:00:00Z", "keywords": "x", "title": 5}},
]  # fmt: skip


async def test_odd_items_are_stored_and_never_spoil_a_search(shelf):
    for number, members in enumerate(ODD):
        members = {"id": f"odd {number}"} | members
        document = {k: v for k, v in item(**members).items() if v is not None or k == "geometry"}
        await _is_stored_and_found(shelf, document)
    found = [one["id"] for one in (await shelf.get("/stac/search?limit=100"))["features"]]
    assert len(found) == len(ODD)


async def _is_stored_and_found(shelf, document):
    answer = await post(shelf, document)
    assert answer.status_code == 201, answer.text
    found = await shelf.client.get(answer.headers["location"].removeprefix(PUBLIC))
    assert found.status_code == 200, document["id"]
    assert (found.json()["id"], found.json()["properties"]) == (
        document["id"],
        document["properties"],
    )
    everywhere = [{}, {"bbox": [-180, -90, 180, 90]}, {"datetime": "../2030-01-01T00:00:00Z"}]
    for search in everywhere:
        asked = search | {"ids": [document["id"]]}
        page = (await shelf.client.post("/stac/search", json=asked)).json()
        expected = 0 if document["geometry"] is None and "bbox" in search else 1
        assert page["numberMatched"] == expected, asked


@pytest.mark.parametrize("id", ["a;b", "a%2Fb", "a%00", "100%25"])
async def test_an_id_that_no_address_leads_to_is_refused(shelf, id):
    with pytest.raises(Ambiguous):
        judge(f"{ITEMS}/{quote(id, safe='')}".encode())
    answer = await post(shelf, item(id))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/id"


async def test_names_that_no_text_has_are_refused_and_named(shelf):
    text = json.dumps(item("two", assets={"HALF": {}})).replace("HALF", "\\ud800")
    answer = await shelf.client.post(
        ITEMS, content=text, headers=shelf.owner | {"content-type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert "/assets/\\ud800/href" in [error["pointer"] for error in answer.json()["errors"]]
    answer = await shelf.client.post(
        ITEMS.replace("/items", "/bulk_items"),
        content=f"{json.dumps(item())}\n{text}",
        headers=shelf.owner | {"content-type": "application/x-ndjson"},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["inserted"], answer.json()["failed"]) == (1, 1)


async def test_an_id_is_taken_once(shelf):
    assert (await post(shelf, item())).status_code == 201
    answer = await post(shelf, item())
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/id"


async def test_of_many_who_create_the_same_item_one_does(shelf):
    answers = await asyncio.gather(*(post(shelf, item(n=n)) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    first = next(answer for answer in answers if answer.status_code == 201)
    assert (await shelf.client.get(ONE)).text == first.text


async def test_a_repeated_request_with_its_key_is_done_once(shelf):
    key = {"idempotency-key": "k1"}
    first, again = [await post(shelf, item(), headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.text == again.text
    assert first.headers["etag"] == again.headers["etag"]
    assert (await post(shelf, item("two"), headers=key)).status_code == 422


async def test_a_feature_collection_is_stored_whole_or_not_at_all(shelf):
    good = [item(f"i{n}") for n in range(5)]
    answer = await post(shelf, collection_of(*good, item("bad", bbox=[1]), item("i0")))
    assert answer.status_code == 400
    places = {error["pointer"] for error in answer.json()["errors"]}
    assert places == {"/features/5/bbox", "/features/6/id"}
    assert (await shelf.get(ITEMS))["numberMatched"] == 0
    answer = await post(shelf, collection_of(*good))
    assert answer.status_code == 201
    assert [one["id"] for one in answer.json()["items"]] == [one["id"] for one in good]
    etag = (await shelf.client.get(f"{ITEMS}/i3")).headers["etag"]
    assert answer.json()["items"][3] == {"id": "i3", "href": f"{PUBLIC}{ITEMS}/i3", "etag": etag}
    answer = await post(shelf, collection_of(item("new"), item("i2"), item("i4")))
    assert answer.status_code == 409
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/features/1/id",
        "/features/2/id",
    ]
    assert (await shelf.get(ITEMS))["numberMatched"] == 5


async def test_a_change_needs_the_version_that_was_seen(shelf):
    seen = (await post(shelf, item())).headers["etag"]
    changed = item(properties={"datetime": "2021-01-01T00:00:00Z"})
    for headers, status in [({}, 428), ({"if-match": '"x"'}, 412), ({"if-match": seen}, 204)]:
        answer = await shelf.client.put(ONE, json=changed, headers=shelf.owner | headers)
        assert answer.status_code == status
    now = answer.headers["etag"]
    assert now != seen
    assert (await shelf.client.get(ONE)).headers["etag"] == now
    by_time = await shelf.get("/stac/search?datetime=2021-01-01T00:00:00Z")
    assert by_time["numberMatched"] == 1
    stale = await shelf.client.delete(ONE, headers=shelf.owner | {"if-match": seen})
    assert (stale.status_code, stale.headers["etag"]) == (412, now)
    gone = await shelf.client.delete(ONE, headers=shelf.owner | {"if-match": now})
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await shelf.client.get(ONE)).status_code == 404
    again = await shelf.client.delete(ONE, headers=shelf.owner | {"if-match": now})
    assert again.status_code == 204
    missing = await shelf.client.put(ONE, json=item(), headers=shelf.owner | {"if-match": "*"})
    assert missing.status_code == 404


async def test_an_item_that_was_fetched_can_be_sent_back(shelf):
    await post(shelf, item(links=[{"rel": "via", "href": "./notes.txt"}]))
    seen = await shelf.client.get(ONE)
    headers = shelf.owner | {"if-match": seen.headers["etag"], "prefer": "return=representation"}
    answer = await shelf.client.put(ONE, json=seen.json(), headers=headers)
    assert answer.status_code == 200
    assert answer.json() == seen.json()
    shelf.settings.public_url = "https://moved.test"
    moved = await shelf.client.get(ONE)
    assert moved.text == seen.text.replace(PUBLIC, "https://moved.test")


async def test_of_many_changes_of_one_version_one_wins(shelf):
    seen = (await post(shelf, item())).headers["etag"]
    headers = shelf.owner | {"if-match": seen}
    answers = await asyncio.gather(
        *(shelf.client.put(ONE, json=item(n=n), headers=headers) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [204] + [412] * 7


async def test_put_needs_the_item_of_the_address(shelf):
    await post(shelf, item())
    headers = shelf.owner | {"if-match": "*"}
    for body in (item("two"), collection_of(item())):
        assert (await shelf.client.put(ONE, json=body, headers=headers)).status_code == 400


async def test_items_follow_the_collection_in_links_and_listings(shelf):
    await post(shelf, item())
    collection = await shelf.get("/stac/collections/sea-ice")
    assert rels(collection, "items") == [PUBLIC + ITEMS]
    assert rels(collection, "item") == [PUBLIC + ONE]


async def test_a_body_beyond_the_limit_is_refused(make_catalogue, identity):
    small = await make_catalogue(max_body_bytes=10_000)
    await small.publish("product", product())
    small.owner = identity.headers("catalog-api", sub="deepesdl")
    answer = await post(small, item(odd="x" * 20_000))
    assert answer.status_code == 413
