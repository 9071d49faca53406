"""Sorting, filters, properties as parameters, facets, products: what searches can say."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.records_api.record_samples import collection, experiment, rels, to, workflow

BASE = "https://records.test"
ITEMS = "/records/collections/workflows/items"
THEMES = {"land": [{"scheme": "osc", "concepts": [{"id": "land"}]}]}
BOTH = [{"scheme": "osc", "concepts": [{"id": "land"}, {"id": "oceans"}]}]


@pytest.fixture
async def filled(records: Any) -> Any:
    """Three workflows: a in 2001, b from 2003 to 2005, c without time and place."""
    box = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]]}
    await records.publish(
        "workflow",
        workflow("a", title="Sea", license="MIT", themes=THEMES["land"], version="1", level=2)
        | {"time": {"timestamp": "2001-06-01T00:00:00Z"}, "geometry": box},
        workflow("b", title="Land, ice", license="CC-BY-4.0", themes=BOTH, level=10, open=True)
        | {"time": {"interval": ["2003-01-01T00:00:00Z", "2005-06-01T00:00:00Z"]}},
        workflow("c", title="Air", license="MIT", created="2024-05-01T00:00:00.5+02:00", level=1.5),
    )
    return records


async def found(service: Any, **parameters: Any) -> list[str]:
    return await service.ids("workflows", **parameters)


SORTED = [
    ("title", "cba"), ("-title", "abc"), ("+title", "cba"), (" title", "cba"), ("level", "cab"),
    ("-properties.level", "bac"), ("time", "abc"), ("-time", "bac"), ("license,-id", "bca"),
    ("id", "abc"), ("created", "cba"), ("open,id", "bac"), ("title,-title", "cba"),
]  # fmt: skip


@pytest.mark.parametrize(("sortby", "ids"), SORTED)
async def test_sorting(filled: Any, sortby: str, ids: str) -> None:
    """What has no value is last; of what is alike the newest record is first."""
    assert "".join(await found(filled, sortby=sortby)) == ids
    seen, href = "", f"{BASE}{ITEMS}?sortby={quote(sortby)}&limit=1"
    while href:
        page = (await filled.client.get(href.removeprefix(BASE))).json()
        seen += page["features"][0]["id"]
        href = next(iter(rels(page, "next")), "")
    assert seen == ids


async def test_titles_that_begin_alike_for_long_are_sorted(records: Any) -> None:
    """As some of the real ones do, which differ in their resolution alone."""
    long = "Lyapunov exponents of currents in the Mediterranean Sea " * 3
    titles = [long + "1/24", long + "1/72", long + "1/36"]
    await records.publish("workflow", *(workflow(one[-2:], title=one) for one in titles))
    assert await found(records, sortby="title") == ["24", "36", "72"]
    assert await found(records, sortby="-title") == ["72", "36", "24"]
    page = await records.get("/collections/workflows/items", params={"sortby": "title", "limit": 2})
    following = next(one["href"] for one in page["links"] if one["rel"] == "next")
    last = (await records.client.get(following.removeprefix(BASE))).json()
    assert [one["id"] for one in last["features"]] == ["72"]


FILTERS = [
    ("license = 'MIT'", "ac"),
    ("license IN ('MIT', 'X') AND title LIKE 'A%'", "c"),
    ("CASEI(title) = CASEI('SEA')", "a"),
    ("level > 1.7", "ab"),
    ("open = TRUE", "b"),
    ("NOT (open = TRUE)", ""),
    ("A_CONTAINS(themes, ('oceans'))", "b"),
    ("A_OVERLAPS(themes, ('oceans','land'))", "ab"),
    ("S_INTERSECTS(geometry, POINT(1 1))", "a"),
    ("NOT S_INTERSECTS(geometry, POINT(1 1))", ""),
    ("T_INTERSECTS(time, INTERVAL('2004-01-01', '..'))", "b"),
    ("T_BEFORE(time, DATE('2002-01-01'))", "a"),
    ("created > TIMESTAMP('2024-04-30T21:00:00Z')", "c"),
    ("id = 'b' OR S_INTERSECTS(geometry, BBOX(0,0,1,1))", "ab"),
    ("version IS NULL", "bc"),
]


@pytest.mark.parametrize(("text", "ids"), FILTERS)
async def test_filters(filled: Any, text: str, ids: str) -> None:
    assert sorted(await found(filled, filter=text)) == list(ids)
    assert await found(filled, filter=text, ids="nothing") == []


async def test_words_that_are_none_beside_a_condition(filled: Any) -> None:
    assert await found(filled, q="&") == []
    assert await found(filled, q="&", title="Sea") == []
    assert await found(filled, q="&,sea", title="Sea", bbox="0,0,1,1") == ["a"]


async def test_filters_as_json(filled: Any) -> None:
    """By GET, and by POST with a body as OWSLib sends it; pages go on by POST."""
    asked = {"op": "=", "args": [{"property": "license"}, "MIT"]}
    text = {"filter": json.dumps(asked), "filter-lang": "cql2-json"}
    assert sorted(await found(filled, **text)) == ["a", "c"]
    page = (await filled.client.post(f"{ITEMS}?limit=1", json=asked)).json()
    following = next(one for one in page["links"] if one["rel"] == "next")
    assert following["method"] == "POST"
    href = following["href"].removeprefix(BASE)
    second = (await filled.client.post(href, json=following["body"])).json()
    ids = [one["id"] for one in page["features"] + second["features"]]
    assert sorted(ids) == ["a", "c"]
    assert page["numberMatched"] == 2


WRONG_BODIES = [
    (b"{", 400), (b"[]", 400), (b'"x"', 400), (b"{}", 400), (b'{"op":"=","args":[]}', 400),
    (b'{"op":"=","args":[{"property":"nothing"},1]}', 400), (b"\xff", 400), (b"[" * 9999, 400),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), WRONG_BODIES)
async def test_wrong_bodies(filled: Any, body: bytes, status: int) -> None:
    sent = {"Content-Type": "application/json"}
    answer = await filled.client.post(ITEMS, content=body, headers=sent)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert "pointer" in error
    assert "parameter" not in error


async def test_records_are_not_created_here(filled: Any) -> None:
    sent = {"Content-Type": "application/geo+json"}
    answer = await filled.client.post(ITEMS, content=b"{}", headers=sent)
    assert answer.status_code == 415
    assert "/publish" in answer.json()["errors"][0]["hint"]


PROPERTIES = [
    ({"license": "MIT"}, "ac"),
    ({"license": "MIT,CC-BY-4.0"}, "abc"),
    ({"license": "MIT", "osc:project": "arctic"}, "ac"),
    ({"title": "Land, ice"}, "b"),
    ({"themes": "oceans"}, "b"),
    ({"themes": "oceans,land"}, "ab"),
    ({"keywords": "sea ice"}, "abc"),
    ({"level": "10"}, "b"),
    ({"level": "10,2,x"}, "ab"),
    ({"open": "true"}, "b"),
    ({"created": "2024-04-30T22:00:00.5Z"}, "c"),
    ({"license": ""}, ""),
]


@pytest.mark.parametrize(("asked", "ids"), PROPERTIES)
async def test_properties_are_parameters(filled: Any, asked: dict[str, str], ids: str) -> None:
    assert "".join(sorted(await found(filled, **asked))) == ids


async def test_names_that_nothing_has_are_refused_with_what_there_is(filled: Any) -> None:
    for name, value in (("licence", "MIT"), ("sortby", "titel"), ("filter", "licence = 'MIT'")):
        answer = await filled.client.get(ITEMS, params={name: value})
        assert answer.status_code == 400
        wrong = answer.json()["errors"][0]
        assert wrong["parameter"] == name
        assert wrong["hint"]
        assert "\x01" not in answer.text
    answer = await filled.client.get(ITEMS, params={"filter": "licence = 'MIT'"})
    hint = answer.json()["errors"][0]["hint"]
    assert hint == f"did you mean license? all are listed at {BASE}{ITEMS[:-6]}/queryables"


async def test_what_records_have_is_listed(filled: Any) -> None:
    described = await filled.get("/collections/workflows/queryables")
    assert {"id", "title", "time", "geometry", "level", "open"} <= set(described["properties"])
    assert described["properties"]["level"] == {"type": "number"}
    assert described["properties"]["license"]["facet"] is True
    sortables = (await filled.get("/collections/workflows/sortables"))["properties"]
    assert {"id", "title", "time", "level", "relevance"} <= set(sortables)
    assert not {"geometry", "themes", "keywords"} & set(sortables)


async def test_records_without_place_and_time_can_be_left_out(filled: Any) -> None:
    assert sorted(await found(filled, bbox="1,1,3,3")) == ["a", "b", "c"]
    assert await found(filled, bbox="1,1,3,3", **{"match-missing": "false"}) == ["a"]
    assert await found(filled, datetime="2004-01-01", **{"match-missing": "false"}) == ["b"]
    answer = await filled.client.get(ITEMS, params={"match-missing": "perhaps"})
    assert answer.status_code == 400


def buckets(facet: dict[str, Any]) -> dict[str, int]:
    return {one.get("value") or one["min"][:4]: one["count"] for one in facet["buckets"]}


async def test_facets_count_all_that_is_found(filled: Any) -> None:
    asked = {"facets": "type,license,themes,project,year,language", "limit": 1}
    page = await filled.get("/collections/workflows/items", params=asked)
    assert page["numberMatched"] == 3
    facets = page["facets"]
    assert list(facets) == asked["facets"].split(",")
    assert buckets(facets["type"]) == {"workflow": 3}
    assert buckets(facets["license"]) == {"MIT": 2, "CC-BY-4.0": 1}
    assert buckets(facets["themes"]) == {"land": 2, "oceans": 1}
    assert buckets(facets["project"]) == {"arctic": 3}
    assert buckets(facets["language"]) == {}
    assert buckets(facets["year"]) == {"2001": 1, "2003": 1, "2004": 1, "2005": 1}
    assert facets["license"]["property"] == "license"
    assert facets["license"]["more"] is False
    year = facets["year"]["buckets"][2]
    asked = {"datetime": f"{year['min']}/{year['max']}", "match-missing": "false"}
    assert len(await found(filled, **asked)) == year["count"]


NARROWED = [
    ({"filter": "license = 'MIT'"}, {"MIT": 2}),
    ({"q": "land"}, {"CC-BY-4.0": 1}),
    ({"filter": "id = 'b' OR S_INTERSECTS(geometry, POINT(1 1))"}, {"MIT": 1, "CC-BY-4.0": 1}),
    ({"bbox": "1,1,3,3", "match-missing": "false"}, {"MIT": 1}),
    ({"bbox": "5,5,6,6"}, {"MIT": 1, "CC-BY-4.0": 1}),
    ({"ids": "nothing"}, {}),
    ({"q": "-", "filter": "id = 'b' OR S_INTERSECTS(geometry, POINT(1 1))"}, {}),
    ({"themes": "land", "limit": "0"}, {"MIT": 1, "CC-BY-4.0": 1}),
]


@pytest.mark.parametrize(("asked", "counts"), NARROWED)
async def test_facets_of_a_search(filled: Any, asked: dict[str, str], counts: Any) -> None:
    for _ in range(2):  # counted, then remembered
        page = await filled.get(
            "/collections/workflows/items", params={"facets": "license"} | asked
        )
        assert buckets(page["facets"]["license"]) == counts
        assert page["numberMatched"] == sum(counts.values())


async def test_facets_are_current(filled: Any) -> None:
    asked = {"facets": "license:1", "limit": 1}
    before = await filled.get("/collections/workflows/items", params=asked)
    assert before["facets"]["license"]["more"] is True
    await filled.publish("workflow", workflow("b", license="MIT"), workflow("d"))
    after = await filled.get("/collections/workflows/items", params=asked)
    assert buckets(after["facets"]["license"]) == {"MIT": 3}
    assert after["facets"]["license"]["more"] is False
    assert after["numberMatched"] == 4


async def test_how_facets_are_asked_for(filled: Any) -> None:
    page = await filled.get("/collections/workflows/items", params={"facets": ""})
    assert page["facets"] == {}
    asked = {"facets": "license:5:value_asc,themes:1:count_asc"}
    page = await filled.get("/collections/workflows/items", params=asked)
    assert list(buckets(page["facets"]["license"])) == ["CC-BY-4.0", "MIT"]
    assert buckets(page["facets"]["themes"]) == {"oceans": 1}
    for wrong in ("colour", "license:0", "license:x", "license:5:up", "license:5:value_asc:1"):
        answer = await filled.client.get(ITEMS, params={"facets": wrong})
        assert answer.status_code == 400, wrong
    answer = await filled.client.get("/records/collections/workflows/facets")
    assert answer.headers["content-type"] == "application/facets+json"
    defined = answer.json()["facets"]
    assert defined["keywords"]["type"] == "term"
    assert defined["year"]["type"] == "histogram"


async def test_parts_that_are_not_kept_in_memory_are_counted_by_sql(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from records_api.store import terms

    asked = {"facets": "license,year", "filter": "level < 100"}
    kept = (await filled.get("/collections/workflows/items", params=asked))["facets"]
    monkeypatch.setattr(terms, "MANY", 1)
    await filled.publish("workflow", workflow("a0", level=1000))  # what is in memory is outdated
    assert (await filled.get("/collections/workflows/items", params=asked))["facets"] == kept


async def test_products_are_records(records: Any) -> None:
    await records.publish("project", collection("arctic"))
    await records.publish("theme", {"id": "land", "title": "Land"})
    await records.publish(
        "product",
        collection(
            "ice.v1", [[1, 2, 3, 4], [5, 6, 7, 8]], [["2001-01-01T00:00:00Z", None]],
            description="Ice", keywords=["sea ice"], license="proprietary", themes=THEMES["land"],
            links=[to("../../projects/arctic/collection.json"), to("./d.pdf", "describedby")],
            providers=[{"name": "ESA", "roles": ["host"], "url": "https://esa.int"}],
            **{"osc:project": "arctic", "sci:doi": "10.1234/x", "stac_extensions": []},
        ),
    )  # fmt: skip
    await records.publish("experiment", experiment(**{"osc:product": "ice.v1"}))
    found = await records.record("products", "ice.v1")
    properties = found["properties"]
    assert (properties["type"], properties["title"]) == ("product", "The ice.v1")
    assert properties["keywords"] == ["sea ice"]
    assert properties["themes"] == THEMES["land"]
    assert properties["contacts"][0]["organization"] == "ESA"
    assert "stac_extensions" not in properties
    ring = found["geometry"]["coordinates"][0]
    assert (ring[0], ring[2]) == ([1, 2], [7, 8])
    assert found["time"] == {"interval": ["2001-01-01T00:00:00Z", ".."]}
    here = f"{BASE}/stac/collections/ice.v1"
    assert rels(found, "describes") == [here]
    assert rels(found, "self") == [f"{BASE}/records/collections/products/items/ice.v1"]
    assert f"{BASE}/records/collections/experiments/items/melt-2020" in rels(found, "related")
    assert f"{BASE}/stac/catalogs/themes/catalogs/land" in rels(found, "related")
    marks = {one["member"] for one in found["earthcode:derived"]}
    assert marks == {"geometry", "time", "properties.license"}
    assert await records.ids("products", q="ice", themes="land", externalIds="10.1234/x")
    assert await records.ids("products", bbox="4,5,4.5,5.5") == []  # between both boxes


async def test_items_of_a_product_are_where_the_stac_api_serves_them(records: Any) -> None:
    """As files beside the product they are in no place that a client could read."""
    files = [to("./item.json", "item"), to("scenes/other.json", "item")]
    kept = [to("https://data.example/ice.zip", "item"), to("./notes.pdf", "describedby")]
    await records.publish("product", collection("ice", links=[*files, *kept]))
    found = await records.record("products", "ice")
    assert rels(found, "items") == [f"{BASE}/stac/collections/ice/items"]
    assert rels(found, "item") == ["https://data.example/ice.zip"]
    notes = f"{BASE}/publish/entities/product/ice/attachments/notes.pdf"
    assert rels(found, "describedby") == [notes]


async def test_a_licence_without_a_name_is_other_and_says_where_it_was_stated(records: Any) -> None:
    own = to("https://example.org/terms", "license")
    await records.publish(
        "workflow",
        workflow("named", license="MIT"),
        workflow("closed", license="proprietary"),
        workflow("linked", license="various", links=[own]),
        workflow("other", license="other"),
    )
    named = await records.record("workflows", "named")
    assert rels(named, "license") == ["https://spdx.org/licenses/MIT"]
    closed = await records.record("workflows", "closed")
    assert closed["properties"]["license"] == "other"
    assert rels(closed, "license") == [f"{BASE}/publish/entities/workflow/closed"]
    linked = await records.record("workflows", "linked")
    assert rels(linked, "license") == ["https://example.org/terms"]
    assert linked["properties"]["license"] == "other"
    other = await records.record("workflows", "other")
    assert len(rels(other, "license")) == 1
    assert "earthcode:derived" not in other
    assert await records.ids("workflows", license="proprietary") == ["closed"]
    for one in (named, closed, linked, other):  # fetched from here, and submitted again
        await records.publish("workflow", one)
        assert await records.record("workflows", one["id"]) == one


async def test_what_is_counted_is_current(filled: Any) -> None:
    """Numbers are kept while a collection is the same; all pages of a search tell the same one."""

    async def numbers(**asked: Any) -> list[int]:
        each = [{"q": "land"}, {"license": "MIT"}, {}]
        pages = [await filled.get(ITEMS[8:], params=one | asked | {"limit": 1}) for one in each]
        return [page["numberMatched"] for page in pages]

    assert await numbers() == await numbers() == [1, 2, 3]
    await filled.publish("workflow", workflow("d", title="Land", license="MIT"), workflow("e"))
    assert await numbers() == await numbers(facets="license") == [2, 3, 5]
    await filled.publish("workflow", workflow("b", title="Air", license="MIT"))
    assert await numbers() == await numbers(facets="license") == [1, 4, 5]
    first = await filled.get(ITEMS[8:], params={"license": "MIT", "limit": 3})
    second = (await filled.client.get(rels(first, "next")[0].removeprefix(BASE))).json()
    assert (first["numberMatched"], second["numberMatched"]) == (4, 4)
    asked = {"license": "MIT", "offset": 9, "facets": "license"}
    beyond = await filled.get(ITEMS[8:], params=asked)
    assert (beyond["numberMatched"], beyond["features"]) == (4, [])
    assert buckets(beyond["facets"]["license"]) == {"MIT": 4}
