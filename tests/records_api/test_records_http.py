"""OGC API - Records over HTTP: what clients may ask, and what they are told when they err."""

import asyncio
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from earthcode_common import etags
from records_api.routes import items, pages

from tests.records_api.record_samples import PROFILE, collection, experiment, rels, to, workflow

BASE = "https://records.test/records"
ITEMS = "/records/collections/experiments/items"


@pytest.fixture
async def filled(records: Any) -> Any:
    """An experiment with a place and a time, one without both, and others of other ages."""
    await records.publish("product", collection("ice", [[10, 50, 20, 60]]))
    await records.publish(
        "experiment",
        experiment("nowhere", title="Drift", externalIds=[{"scheme": "doi", "value": "10.1234/x"}]),
        experiment("ice-2010", **{"osc:product": "ice"}, DOI="https://doi.org/10.5281/Zenodo.1"),
        experiment("a/b:c d", title="Glacier retreat", externalIds=[{"value": "urn:x:1"}])
        | {"time": {"interval": ["2000-01-01", "2001-01-01"]}},
        experiment("old.1") | {"time": {"timestamp": "1990-01-01T00:00:00Z"}},
    )
    return records


async def test_others_are_answered_while_many_records_are_rendered(
    records: Any, monkeypatch: Any
) -> None:
    await records.publish("workflow", *(workflow(f"w{number}") for number in range(items.FEW + 1)))
    loop, free, answer = asyncio.get_running_loop(), threading.Event(), pages.answer

    def rendered(*given: Any, **more: Any) -> Any:
        loop.call_soon_threadsafe(free.set)
        assert free.wait(30), "the loop that serves all is held"
        return answer(*given, **more)

    monkeypatch.setattr(pages, "answer", rendered)
    path = "/records/collections/workflows/items?limit=100"
    for format in ("turtle", "geojson", "html"):
        found = await records.client.get(f"{path}&f={format}")
        assert found.status_code == 200, found.text
        free.clear()


async def test_landing_page_leads_everywhere(filled: Any) -> None:
    page = await filled.get("")
    assert page == await filled.get("/")
    for link in page["links"]:
        assert link["href"].startswith(BASE)
        assert link["rel"]
        path = link["href"].removeprefix("https://records.test")
        answer = await filled.client.get(path)
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].startswith(link["type"])
    wanted = {"self", "service-desc", "conformance", "data"}
    assert wanted <= {link["rel"] for link in page["links"]}
    classes = (await filled.get("/conformance"))["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core" in classes
    assert len(classes) == len(set(classes))


async def test_collections(filled: Any) -> None:
    found = await filled.get("/collections")
    assert [one["id"] for one in found["collections"]] == [
        "experiments", "products", "reproductions", "workflows"
    ]  # fmt: skip
    for one in found["collections"]:
        assert one == await filled.get(f"/collections/{one['id']}")
        assert (one["type"], one["itemType"]) == ("Collection", "record")
        items = f"{BASE}/collections/{one['id']}/items"
        assert rels(one, "items") == [items, f"{items}?f=json"]
    experiments = found["collections"][0]
    assert experiments["extent"]["spatial"]["bbox"] == [[10, 50, 20, 60]]
    assert experiments["extent"]["temporal"]["interval"] == [["1990-01-01T00:00:00Z", None]]
    answer = await filled.client.get("/records/collections/experiments")
    assert answer.headers["content-type"] == "application/ogc-catalog+json"
    plain = await filled.client.get("/records/collections/experiments?f=json")
    assert plain.headers["content-type"] == "application/json"


QUERIES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["ice-2010", "a/b:c d", "old.1", "nowhere"]),
    ({"bbox": "11,51,12,52"}, ["ice-2010", "a/b:c d", "old.1", "nowhere"]),
    ({"bbox": "0,0,1,1"}, ["a/b:c d", "old.1", "nowhere"]),
    ({"bbox": "0,0,-9,1,1,9"}, ["a/b:c d", "old.1", "nowhere"]),
    ({"bbox": "170,50,15,60"}, ["ice-2010", "a/b:c d", "old.1", "nowhere"]),
    ({"datetime": "2000-06-01T00:00:00Z"}, ["a/b:c d", "nowhere"]),
    ({"datetime": "2000-06-01"}, ["a/b:c d", "nowhere"]),
    ({"datetime": "../1995-01-01T00:00:00Z"}, ["old.1", "nowhere"]),
    ({"datetime": "2001-01-01T00:00:00Z/.."}, ["ice-2010", "a/b:c d", "nowhere"]),
    ({"datetime": "2030-01-01T00:00:00Z", "bbox": "0,0,1,1"}, ["nowhere"]),
    ({"q": "glacier retreat"}, ["a/b:c d"]),
    ({"q": "retreat glacier"}, []),
    ({"q": "drift,GLACIER"}, ["a/b:c d", "nowhere"]),
    ({"q": "gronl", "ids": "old.1"}, ["old.1"]),
    ({"q": "melting  of\tsea", "limit": "1"}, ["ice-2010"]),
    ({"q": "' & !("}, []),
    ({"type": "experiment"}, ["ice-2010", "a/b:c d", "old.1", "nowhere"]),
    ({"type": "dataset,experiment", "ids": "old.1"}, ["old.1"]),
    ({"type": "dataset"}, []),
    ({"ids": "nowhere,old.1,none"}, ["old.1", "nowhere"]),
    ({"ids": ""}, []),
    ({"ids": "a/b:c d"}, ["a/b:c d"]),
    ({"externalIds": "10.1234/x"}, ["nowhere"]),
    ({"externalIds": "doi:10.1234/x,urn:x:1"}, ["a/b:c d", "nowhere"]),
    ({"externalIds": "doi:"}, ["ice-2010", "nowhere"]),
    ({"externalIds": "10.5281/zenodo.1"}, ["ice-2010"]),
    ({"externalIds": "10.5281/Zenodo.1"}, ["ice-2010"]),
    ({"externalIds": "https://doi.org/10.5281/ZENODO.1"}, ["ice-2010"]),
    ({"externalIds": "doi:10.1234/X"}, ["nowhere"]),
    ({"externalIds": "URN:x:1"}, []),
    ({"externalIds": "10.5281"}, []),
    ({"limit": "2"}, ["ice-2010", "a/b:c d"]),
    ({"limit": "2", "offset": "1"}, ["a/b:c d", "old.1"]),
    ({"offset": "99"}, []),
    ({"limit": "100000000"}, ["ice-2010", "a/b:c d", "old.1", "nowhere"]),
    ({"f": "json", "limit": "1"}, ["ice-2010"]),
]


async def test_queries(filled: Any, subtests: Any) -> None:
    for parameters, found in QUERIES:
        with subtests.test(**parameters):
            page = await filled.get("/collections/experiments/items", params=parameters)
            ids = [one["id"] for one in page["features"]]
            assert (sorted(ids) if "q" in parameters else ids) == (
                sorted(found) if "q" in parameters else found
            )
            assert page["numberReturned"] == len(found)
            if not {"limit", "offset"} & set(parameters):
                assert page["numberMatched"] == len(found)


REFUSED = [
    *(
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=nan,0,1,1",
        "bbox=0,9,1,0",
        "bbox=0,0,999,1",
        "bbox=",
    ),
    *("datetime=x", "datetime=2020-13-01T00:00:00Z", "datetime=..%2F..", "datetime="),
    *(
        "datetime=2021-01-01T00:00:00Z%2F2020-01-01T00:00:00Z",
        "limit=0",
        "limit=-1",
        "limit=abc",
    ),
    *(
        "limit=",
        "limit=1.5",
        "limit=%D9%A1",
        "offset=-1",
        "offset=x",
        "offset=99999999",
        "token=x",
    ),
    *("token=x&offset=1", "limit=1&limit=2", "unknown=1", "bbox=0,0,1,1&unknown", "f=nothing"),
    *("filter=a", "sortby=description", "limit=99999999999999999999999", "token=%ED%A0%80"),
    "q=" + ",".join("x" * 40),
]


async def test_what_is_not_understood_is_refused(filled: Any, subtests: Any) -> None:
    for query in REFUSED:
        with subtests.test(query=query):
            answer = await filled.client.get(f"{ITEMS}?{query}")
            assert answer.status_code == 400, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            body = answer.json()
            assert body["code"]
            assert body["errors"][0]["parameter"] in query


PAGES = ["", "/conformance", "/api", "/collections", "/collections/workflows", ITEMS[8:]]


async def test_unknown_parameters_are_refused_everywhere(filled: Any) -> None:
    for path in (*PAGES, f"{ITEMS[8:]}/nowhere"):
        assert (await filled.client.get(f"/records{path}?foo=bar")).status_code == 400
        assert (await filled.client.get(f"/records{path}?f=json")).status_code == 200


NOT_THERE = [
    *("/collections/nothing", "/collections/nothing/items", "/collections/nothing/items/x"),
    *("/collections/workflows/items/nowhere", "/collections/experiments/items/", "/nothing"),
    *("/collections/experiments/items/%ED%A0%80", "/catalogs/nothing"),
]


async def test_what_is_not_there(filled: Any) -> None:
    for path in NOT_THERE:
        answer = await filled.client.get(f"/records{path}")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not-found"


async def test_a_record_of_any_id(filled: Any) -> None:
    for id, encoded in (("a/b:c d", "a%2Fb:c%20d"), ("a/b:c d", "a/b:c%20d"), ("old.1", "old.1")):
        answer = await filled.client.get(f"{ITEMS}/{encoded}")
        assert answer.status_code == 200
        found = answer.json()
        assert found["id"] == id
        path = rels(found, "self")[0].removeprefix("https://records.test")
        assert (await filled.client.get(path)).json() == found


async def test_links_of_a_record(filled: Any) -> None:
    found = await filled.record("experiments", "old.1")
    assert all(one["href"].startswith("http") for one in found["links"])
    for rel in ("self", "collection", "profile", "root", "parent", "via"):
        assert len(rels(found, rel)) == 1, rel
    assert rels(found, "profile") == [PROFILE]
    alternates = [one for one in found["links"] if one["rel"] == "alternate"]
    types = {"application/json", "text/html"}
    assert types <= {one["type"] for one in alternates}
    for one in alternates:
        answer = await filled.client.get(one["href"].removeprefix("https://records.test"))
        assert answer.headers["content-type"].startswith(one["type"])
        if one["type"] == "application/json":
            assert answer.json() == found


async def test_pages_by_token_hold_every_record_once(filled: Any) -> None:
    seen: list[str] = []
    href = f"{BASE}/collections/experiments/items?limit=1&bbox=0,0,30,70"
    while href:
        answer = await filled.client.get(href.removeprefix("https://records.test"))
        page = answer.json()
        assert rels(page, "self") == [href]
        assert page["numberMatched"] == 4
        seen += [one["id"] for one in page["features"]]
        href = next(iter(rels(page, "next")), "")
    assert seen == ["ice-2010", "a/b:c d", "old.1", "nowhere"]
    first = await filled.get("/collections/experiments/items", params={"limit": 1})
    token = rels(first, "next")[0].partition("token=")[2]
    other = await filled.client.get(f"{ITEMS}?q=ice&limit=1&token={token}")
    assert other.status_code == 400


async def test_revalidation_and_head(filled: Any) -> None:
    for path in PAGES:
        whole = await filled.client.get(f"/records{path}")
        tag = whole.headers["etag"]
        again = await filled.client.get(f"/records{path}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        head = await filled.client.head(f"/records{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == tag
        assert head.headers["content-type"] == whole.headers["content-type"]


async def test_the_tag_of_a_record_changes_with_it(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(etags, "SETTLED", timedelta(hours=1))  # however busy the machine is
    path = f"{ITEMS}/old.1"
    tag = (await filled.client.get(path)).headers["etag"]
    known = {"If-None-Match": f'W/"x", {tag}'}
    assert (await filled.client.get(path, headers=known)).status_code == 304
    await filled.publish("workflow", workflow())  # a new link
    answer = await filled.client.get(path, headers=known)
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag
    assert "last-modified" not in answer.headers  # one second cannot tell both versions apart
    monkeypatch.setattr(etags, "SETTLED", timedelta(0))
    assert "last-modified" in (await filled.client.get(path)).headers


ACCEPTED = [
    ("*/*", "application/geo+json"),
    ("application/json", "application/json"),
    ("application/*;q=0.5", "application/geo+json"),
    ("text/plain, application/json;q=0.9, */*;q=0.1", "application/json"),
    ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ("application/geo+json;q=0, application/json", "application/json"),
]


async def test_negotiation(filled: Any) -> None:
    for accept, media in ACCEPTED:
        answer = await filled.client.get(ITEMS, headers={"Accept": accept})
        assert answer.headers["content-type"] == media, accept
        assert answer.headers["vary"].startswith("Accept")


async def test_nothing_acceptable(filled: Any) -> None:
    for accept in ("text/csv", "image/*"):
        for path in ("/records", ITEMS, f"{ITEMS}/old.1"):
            answer = await filled.client.get(path, headers={"Accept": accept})
            assert answer.status_code == 406


async def test_browsers_may_read_from_anywhere(filled: Any) -> None:
    answer = await filled.client.get(ITEMS, headers={"Origin": "https://map.test"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    asked = {"Origin": "https://map.test", "Access-Control-Request-Method": "GET"}
    assert (await filled.client.options(ITEMS, headers=asked)).status_code == 200


async def test_other_methods_are_refused(filled: Any) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await filled.client.request(method, f"{ITEMS}/old.1")
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


async def test_the_description_says_what_there_is(filled: Any) -> None:
    answer = await filled.client.get("/records/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    described = answer.json()
    assert described["openapi"].startswith("3.0.")
    routes = {r.path_format for r in filled_routes(filled)}
    paths = {re.sub(r"Id}", "_id}", p) for p in described["paths"]}
    assert paths == routes - {"/records/"}
    names = {p["name"] for p in described["components"]["parameters"].values()}
    assert {"bbox", "datetime", "limit", "q", "type", "ids", "externalIds"} <= names
    for path, item in described["paths"].items():
        if "{" not in path:
            assert (await filled.client.get(path)).status_code == 200, path
        assert set(item) - {"post"} == {"get", "head"}


def filled_routes(filled: Any) -> list[Any]:
    from records_api.routes import collections, facets, items, landing, oai, profiles, properties

    rooms = (landing, collections, items, properties, facets, profiles, oai)
    return [Prefixed(route) for room in rooms for route in room.router.routes]


class Prefixed:
    def __init__(self, route: Any) -> None:
        self.path_format = f"/records{route.path_format}"


async def test_a_title_with_a_link_to_nothing(filled: Any) -> None:
    """Strange documents are served, not stumbled over."""
    await filled.publish(
        "experiment",
        experiment("odd", links=[to("http://[", "related"), {"rel": 5}, "x", None, {}], keywords=5),
        experiment(
            "halves", title="\ud800", **{"osc:workflow": "\0", "osc:product": ["\udfff", 5]}
        ),
        {"id": "bare"},
        {"id": "worse", "properties": [], "links": {}, "geometry": 5, "time": 7, "bbox": "x"},
    )
    assert set(await filled.ids("experiments", limit=100)) >= {"odd", "bare", "worse", "halves"}
    assert (await filled.record("experiments", "bare"))["geometry"] is None
