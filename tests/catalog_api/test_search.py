"""Search and browsing: what is found, page by page, and what is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.catalog_api.samples import catalog, collection_of, item, product, rels

PUBLIC = "https://catalogue.test"


def instant(day):
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
async def full(catalogue, identity):
    """Two products: "grid" has 25 Items, a day and 10 degrees apart; "odd" some that are odd."""
    headers = identity.headers("catalog-api", roles=["operator"])
    for id in ("grid", "odd"):
        await catalogue.publish("product", product(id))
    grid = [
        item(
            f"g{n:02}",
            geometry={"type": "Point", "coordinates": [-120 + 10 * n, 5]},
            bbox=[-120 + 10 * n, 5, -120 + 10 * n, 5],
            properties={"datetime": instant(n)},
        )
        for n in range(25)
    ]
    odd = [
        item("nowhere", geometry=None, properties={"datetime": instant(0)}),
        item("wide", properties={
            "datetime": None, "start_datetime": instant(100), "end_datetime": instant(200)}),
        item("g00", properties={"datetime": instant(300)}),
    ]  # fmt: skip
    for id, items in (("grid", grid), ("odd", odd)):
        path = f"/stac/collections/{id}/items"
        answer = await catalogue.client.post(path, json=collection_of(*items), headers=headers)
        assert answer.status_code == 201, answer.text
    return catalogue


async def found(full, **asked):
    """Ids found by GET, which POST must find too."""
    page = await full.get("/stac/search", params={"limit": 100} | asked)
    body = dict(asked)
    for name in ("ids", "collections"):
        if name in body:
            body[name] = body[name].split(",")
    if "bbox" in body:
        body["bbox"] = [float(n) for n in body["bbox"].split(",")]
    if "intersects" in body:
        body["intersects"] = json.loads(body["intersects"])
    answer = await full.client.post("/stac/search", json={"limit": 100} | body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["features"] == page["features"]
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"])
    return [f"{one['collection']}/{one['id']}" for one in page["features"]]


async def test_conditions_are_combined(full):
    assert len(await found(full)) == 28
    assert await found(full, ids="g00,g03") == ["odd/g00", "grid/g03", "grid/g00"]
    assert await found(full, ids="g00", collections="grid") == ["grid/g00"]
    assert await found(full, collections="odd,unknown") == ["odd/g00", "odd/wide", "odd/nowhere"]
    assert await found(full, collections="unknown") == []
    assert await found(full, bbox="-121,0,-105,10") == ["grid/g01", "grid/g00"]
    assert await found(full, bbox="-121,0,-5,-105,10,5") == ["grid/g01", "grid/g00"]
    assert await found(full, bbox="115,0,-115,10") == ["grid/g24", "grid/g00"]
    assert await found(full, datetime=instant(3)) == ["grid/g03"]
    assert await found(full, datetime=f"{instant(150)}/..") == ["odd/g00", "odd/wide"]
    assert await found(full, datetime=f"../{instant(0)}") == ["odd/nowhere", "grid/g00"]
    assert await found(full, datetime=f"{instant(2)}/{instant(3)}") == ["grid/g03", "grid/g02"]
    area = {"type": "Polygon", "coordinates": [[[-119, 0], [-95, 0], [-95, 10], [-119, 0]]]}
    assert await found(full, intersects=json.dumps(area)) == ["grid/g02"]
    assert await found(full, intersects=json.dumps(area), datetime=instant(3)) == []


async def test_items_of_a_collection_are_narrowed(full):
    async def ids(asked):
        page = await full.get(f"/stac/collections/grid/items?{asked}")
        return [one["id"] for one in page["features"]]

    assert await ids("ids=g00,g02") == ["g02", "g00"]
    assert await ids("collections=grid&ids=g01") == ["g01"]
    assert await ids("collections=odd") == []
    assert await ids("bbox=-121,0,-105,10") == ["g01", "g00"]
    assert await ids(f"datetime={instant(5)}") == ["g05"]


async def follow(full, page):
    """All pages from ``page`` on, by the links `next` as they are."""
    pages = [page]
    while link := next((one for one in pages[-1]["links"] if one["rel"] == "next"), None):
        path = link["href"].removeprefix(PUBLIC)
        if link.get("method") == "POST":
            assert link["merge"] is False
            pages.append((await full.client.post(path, json=link["body"])).json())
        else:
            pages.append(await full.get(path))
    return pages


@pytest.mark.parametrize("limit", [1, 7, 28])
async def test_pages_are_followed_to_the_end(full, limit):
    for page in (
        await full.get(f"/stac/search?limit={limit}&bbox=-180,-90,180,90"),
        (
            await full.client.post(
                "/stac/search", json={"limit": limit, "bbox": [-180, -90, 180, 90]}
            )
        ).json(),
    ):
        pages = await follow(full, page)
        ids = [(one["collection"], one["id"]) for page in pages for one in page["features"]]
        assert len(ids) == len(set(ids)) == 27
        assert {page["numberMatched"] for page in pages} == {27}
        assert all(page["numberReturned"] == len(page["features"]) for page in pages)


async def test_pages_of_a_collection_survive_a_change_between_them(full, identity):
    page = await full.get("/stac/collections/grid/items?limit=10&datetime=../2020-01-20T00:00:00Z")
    last = page["features"][-1]["id"]
    headers = identity.headers("catalog-api", roles=["operator"]) | {"if-match": "*"}
    gone = await full.client.delete(f"/stac/collections/grid/items/{last}", headers=headers)
    assert gone.status_code == 204
    rest = [one["id"] for page in (await follow(full, page))[1:] for one in page["features"]]
    assert rest == [f"g{n:02}" for n in range(9, -1, -1)]


async def test_collections_are_searched_and_paged(full):
    await full.publish("product", product(
        "warm", title="Températures", description="x", keywords=["Été"],
        extent={"spatial": {"bbox": [[10, 10, 20, 20]]}, "temporal": {"interval": [[None, None]]}},
    ))  # fmt: skip
    await full.publish("project", product("p", extent={"spatial": {}, "temporal": None}))

    async def ids(**asked):
        page = await full.get("/stac/collections", params=asked)
        return sorted(one["id"] for one in page["collections"])

    assert await ids() == ["grid", "odd", "p", "warm"]
    assert await ids(q="ete") == await ids(q="temperat") == ["warm"]
    assert await ids(q="nothing,TEMPERATURES") == ["warm"]
    assert await ids(bbox="12,12,13,13") == ["p", "warm"]
    assert await ids(datetime="1850-01-01T00:00:00Z") == ["p", "warm"]
    assert await ids(datetime="2015-01-01T00:00:00Z", bbox="0,70,1,71") == ["grid", "odd", "p"]
    pages = await follow(full, await full.get("/stac/collections?limit=3"))
    assert [len(page["collections"]) for page in pages] == [3, 1]
    assert {page["numberMatched"] for page in pages} == {4}


async def test_vocabularies_are_browsed(full):
    await full.publish("theme", catalog("cryosphere"))
    await full.publish("variable", catalog("ice-thickness"))
    await full.publish("variable", catalog("unused"))
    landing = await full.get("/stac")
    kinds = [href.removeprefix(PUBLIC) for href in rels(landing, "child")]
    assert [(await full.get(kind))["id"] for kind in kinds] == [
        "products", "projects", "themes", "variables", "eo-missions",
    ]  # fmt: skip
    listed = await full.get(rels(landing, "children")[0].removeprefix(PUBLIC))
    assert [rels(one, "self")[0] for one in listed["children"]] == rels(landing, "child")
    variables = await full.get("/stac/catalogs/variables")
    here = f"{PUBLIC}/stac/catalogs/variables/catalogs"
    assert rels(variables, "child") == [f"{here}/ice-thickness", f"{here}/unused"]
    assert rels(variables, "parent") == [f"{PUBLIC}/stac"]
    page = await full.get("/stac/catalogs/variables/catalogs?q=thickness")
    assert [one["id"] for one in page["catalogs"]] == ["ice-thickness"]
    for address, expected in ((f"{here}/ice-thickness", ["grid", "odd"]), (f"{here}/unused", [])):
        children = await full.get(f"{address.removeprefix(PUBLIC)}/children")
        assert sorted(one["id"] for one in children["children"]) == expected
        collections = await full.get(f"{address.removeprefix(PUBLIC)}/collections")
        assert collections["numberMatched"] == len(expected)
    products = await full.get("/stac/catalogs/products/collections?limit=1")
    assert [one["id"] for page in await follow(full, products) for one in page["collections"]] == [
        "odd", "grid",
    ]  # fmt: skip


BAD_ADDRESSES = [
    "/stac/search?bbox=nan,0,1,1",
    "/stac/search?bbox=inf,0,1,1",
    "/stac/search?bbox=1e400,0,1,1",
    "/stac/search?bbox=",
    "/stac/search?bbox=1,2,3",
    "/stac/search?bbox=1,2,3,4,5",
    "/stac/search?bbox=0,50,1,40",
    "/stac/search?bbox=0,0,500,1",
    "/stac/search?bbox=a,b,c,d",
    "/stac/search?bbox=0,0,1,1&bbox=0,0,1,1",
    "/stac/search?datetime=yesterday",
    "/stac/search?datetime=",
    "/stac/search?datetime=../..",
    "/stac/search?datetime=/",
    "/stac/search?datetime=2020-01-01",
    "/stac/search?datetime=2021-01-01T00:00:00Z/2020-01-01T00:00:00Z",
    "/stac/search?datetime=2020-13-01T00:00:00Z",
    "/stac/search?datetime=a/b/c",
    "/stac/search?limit=0",
    "/stac/search?limit=-1",
    "/stac/search?limit=x",
    "/stac/search?limit=1.5",
    "/stac/search?limit=",
    "/stac/search?token=x",
    "/stac/search?token=",
    "/stac/search?token=%C3%A9%F0%9F%98%80",
    "/stac/search?ids=",
    "/stac/search?ids=,",
    "/stac/search?collections=",
    "/stac/search?intersects=garbage",
    "/stac/search?intersects=null",
    "/stac/search?intersects=[]",
    "/stac/search?intersects={}",
    '/stac/search?intersects={"type":"Point"}',
    '/stac/search?intersects={"type":"Point","coordinates":[NaN,1]}',
    '/stac/search?intersects={"type":"Polygon","coordinates":[[[0,0],[1,1]]]}',
    '/stac/search?intersects={"type":"Point","coordinates":[1,1]}&bbox=0,0,1,1',
    "/stac/search?intersects=" + "[" * 5000,
    "/stac/search?nosuch=1",
    "/stac/search?Limit=1",
    "/stac/search?filter=x y",
    "/stac/search?q=",
    "/stac?x=1",
    "/stac/conformance?x=1",
    "/stac/collections?ids=a",
    "/stac/collections?q=",
    "/stac/collections?q=,",
    "/stac/collections?limit=0",
    "/stac/collections?token=x",
    "/stac/collections?bbox=nan,0,1,1",
    "/stac/collections/grid?limit=1",
    "/stac/collections/grid/items?q=,",
    "/stac/collections/grid/items?bbox=1",
    "/stac/collections/grid/items/g00?x=1",
    "/stac/catalogs?limit=1",
    "/stac/catalogs/themes?limit=1",
    "/stac/catalogs/themes/catalogs?limit=a",
    "/stac/catalogs/products/collections?datetime=x",
    "/stac/collections/a%00b",
    "/stac/search?ids=a%00b",
]
NOT_THERE = [
    "/stac/collections/unknown",
    "/stac/collections/unknown/items",
    "/stac/collections/grid/items/unknown",
    "/stac/collections/unknown/items/g00",
    "/stac/collections/%FF",
    "/stac/collections/..%2F..",
    "/stac/collections/",
    "/stac/catalogs/unknown",
    "/stac/catalogs/unknown/children",
    "/stac/catalogs/themes/collections/grid",
    "/stac/catalogs/products/catalogs/grid",
    "/stac/catalogs/products/collections/unknown",
    "/stac/catalogs/projects/collections/grid",
    "/stac/catalogs/projects/collections/grid/items",
    "/stac/catalogs/themes/catalogs/unknown",
    "/stac/catalogs/themes/catalogs/unknown/children",
    "/stac/nosuch",
    "/nosuch",
]
BAD_BODIES = [
    b"", b"[]", b"null", b'"x"', b"1", b"{", b"\xff", b"[" * 100_000, b"{\"a\":" * 100_000,
    b'{"nosuch": 1}', b'{"limit": 0}', b'{"limit": "x"}', b'{"limit": 1.5}', b'{"limit": NaN}',
    b'{"bbox": [NaN, 0, 1, 1]}', b'{"bbox": [1e999, 0, 1, 1]}', b'{"bbox": "0,0,1,1"}',
    b'{"bbox": ["0", 0, 1, 1]}', b'{"bbox": [true, 0, 1, 1]}', b'{"bbox": []}', b'{"bbox": {}}',
    b'{"bbox": [0, 0, 1]}', b'{"bbox": [[0], 0, 1, 1]}', b'{"bbox": [0, 50, 1, 40]}',
    b'{"datetime": 5}', b'{"datetime": ""}', b'{"datetime": "x"}', b'{"datetime": []}',
    b'{"ids": 5}', b'{"ids": [5]}', b'{"ids": [""]}', b'{"ids": {}}', b'{"collections": [null]}',
    b'{"collections": ""}', b'{"token": 5}', b'{"token": "x"}', b'{"token": ""}',
    b'{"intersects": []}', b'{"intersects": "x"}', b'{"intersects": {}}',
    b'{"intersects": {"type": "Point", "coordinates": [1]}}',
    b'{"intersects": {"type": "Point", "coordinates": [1e999, 1]}}',
    b'{"intersects": {"type": "GeometryCollection", "geometries": []}}',
    b'{"intersects": {"type": "GeometryCollection", "geometries":'
    b' [{"type": "GeometryCollection", "geometries": []}]}}',
    b'{"intersects": {"type": "Point", "coordinates": [1, 1]}, "bbox": [0, 0, 1, 1]}',
    b'{"intersects": {"type": "Polygon", "coordinates": [[[[[[[0]]]]]]]}}',
]  # fmt: skip


async def test_what_makes_no_sense_is_refused_and_named(full):
    for address in BAD_ADDRESSES:
        answer = await full.client.get(address)
        is_problem(answer, 400, address)
    for address in NOT_THERE:
        answer = await full.client.get(address)
        is_problem(answer, 404, address)
    headers = {"content-type": "application/json"}
    for body in BAD_BODIES:
        answer = await full.client.post("/stac/search", content=body, headers=headers)
        is_problem(answer, 400, body[:100])


def is_problem(answer, status, what):
    assert answer.status_code == status, (what, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", what
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == answer.json()["type"].rpartition(":")[2]
    assert body["description"] == body["detail"]


async def test_bodies_that_are_not_said_to_be_json(full):
    for given in ({}, {"content-type": "text/plain"}, {"content-type": "application/geo+json"}):
        answer = await full.client.post("/stac/search", content=b"{}", headers=given)
        is_problem(answer, 415, given)


async def test_a_token_belongs_to_its_query(full):
    page = await full.get("/stac/search?limit=5")
    token = next(one for one in page["links"] if one["rel"] == "next")["href"].split("token=")[1]
    again = await full.client.get(f"/stac/search?limit=7&token={token}")
    assert again.status_code == 200
    is_problem(await full.client.get(f"/stac/search?token={token}&ids=g01"), 400, "other query")
    changed = ("B" if token[0] == "A" else "A") + token[1:]
    is_problem(await full.client.get(f"/stac/search?token={changed}"), 400, "changed")


async def test_a_large_limit_is_cut_and_nulls_are_absent(full):
    page = await full.get("/stac/search?limit=99999999999999999999")
    assert page["numberReturned"] == 28
    nothing = dict.fromkeys(
        ("ids", "collections", "bbox", "intersects", "datetime", "limit", "token")
    )
    answer = await full.client.post("/stac/search", json=nothing)
    assert answer.json()["numberReturned"] == 10


async def test_a_count_beyond_the_cap_is_left_out(full):
    many = """
        with made as (
            insert into item
                (part, part_key, id, version, etag, updated, timed, t0, t1, props, words)
            select part, part_key, 'n' || n, 1, 'x', updated, timed, t0, t1, props, words
            from item, generate_series(1, 10000) n where id = 'nowhere' returning seq)
        insert into item_doc select seq, '{}' from made"""
    async with full.runtime.db.write() as session:
        await session.execute(sa.text(many))
    page = await full.get("/stac/search?limit=1")
    assert "numberMatched" not in page
    assert page["numberMatchedAtLeast"] == 10_000
    assert page["numberReturned"] == 1
    assert (await full.get("/stac/search?ids=g01"))["numberMatched"] == 1
