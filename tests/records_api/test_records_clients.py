"""What real clients do with the real records: OWSLib all it can, QGIS MetaSearch all it asks."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from owslib.ogcapi.records import Records

pytestmark = pytest.mark.real_data
Client = Callable[..., Any]


@pytest.fixture
async def url(make_records: Any, real_neighbours: Any) -> str:
    service = await make_records(real_neighbours)
    service.settings.public_url = str(service.client.base_url).rstrip("/")
    await service.rebuild()
    return f"{service.settings.public_url}/records"


async def test_owslib(url: str) -> None:
    await asyncio.to_thread(describe, url)
    await asyncio.to_thread(search, url)
    await asyncio.to_thread(page_through, url)
    await asyncio.to_thread(try_to_write, url)


def describe(url: str) -> None:
    client = Records(url)
    assert any("ogcapi-records-1" in one for one in client.conformance()["conformsTo"])
    assert client.api()["openapi"].startswith("3.0")
    names = ["experiments", "products", "reproductions", "workflows"]
    assert client.records() == names
    assert client.feature_collections() == []
    assert [one["id"] for one in client.collections()["collections"]] == names
    assert client.collection("workflows")["itemType"] == "record"
    assert "osc:project" in client.collection_queryables("workflows")["properties"]
    assert client.collection_schema("workflows")["properties"]["id"]["x-ogc-role"] == "id"
    assert client.collection_item("workflows", "glambie-workflow-v1.0.190")["type"] == "Feature"


def search(url: str) -> None:
    client = Records(url)

    def ids(name: str, **asked: Any) -> list[str]:
        return [one["id"] for one in client.collection_items(name, limit=100, **asked)["features"]]

    assert "polaris" in ids("experiments", q="sea ice", bbox=[-180, 50, 180, 90])
    assert "polaris" not in ids("experiments", q="lightning")
    assert ids("experiments", datetime_="2021-01-01T00:00:00Z/..")
    every = ids("workflows", sortby=("title", "asc"))
    assert ids("workflows", sortby=("title", "desc")) == every[::-1]
    cereal = "esa-world-cereal-extent-workflow"
    assert ids("workflows", filter=f"id = '{cereal}'") == [cereal]
    cql = {"op": "=", "args": [{"property": "osc:project"}, "fairsendd"]}
    assert ids("workflows", cql=cql) == ids("workflows", **{"osc:project": "fairsendd"})
    assert ids("workflows", ids="polaris,fairsendd", sortby=("id", "asc")) == [
        *("fairsendd", "polaris")
    ]


def page_through(url: str) -> None:
    client, seen = Records(url), []
    page = client.collection_items("workflows", limit=5)
    assert (page["numberMatched"], page["numberReturned"]) == (14, 5)
    while page["features"]:
        seen += [one["id"] for one in page["features"]]
        page = client.collection_items("workflows", limit=5, offset=len(seen))
    assert len(set(seen)) == len(seen) == 14


def try_to_write(url: str) -> None:
    """Records are published, not written here: each try is refused with a problem that says so."""
    document = Records(url).collection_item("workflows", "polaris")
    tries: list[tuple[str, Client]] = [
        ("405", lambda client: client.collection_create(json.dumps({"id": "x"}))),
        ("405", lambda client: client.collection_update("workflows", "{}")),
        ("405", lambda client: client.collection_delete("workflows")),
        ("415", lambda client: client.collection_item_create("workflows", document)),
        ("405", lambda client: client.collection_item_update("workflows", "polaris", "{}")),
        ("405", lambda client: client.collection_item_delete("workflows", "polaris")),
    ]
    for status, attempt in tries:
        with pytest.raises(RuntimeError) as refused:
            attempt(Records(url))
        problem = json.loads(str(refused.value))
        assert str(problem["status"]) == status
        assert problem["detail"]
    assert Records(url).collection_item("workflows", "polaris") == document


# MetaSearch (QGIS 3.34 and later, OARecSearch): a landing page or a collection is entered; words
# and an extent are asked for page by page, counted from 1; each row needs type and title, and its
# extent is corner 0 and corner 2 of a ring.


NUMBERS = {"workflows": 14, "experiments": 7, "products": 333}


async def test_metasearch(url: str, subtests: Any) -> None:
    for collection, number in NUMBERS.items():
        with subtests.test(collection):
            seen = await asyncio.to_thread(metasearch, f"{url}/collections/{collection}")
            assert len({one["identifier"] for one in seen}) == len(seen) == number
            for one in seen:
                assert isinstance(one["type"], str)
                assert one["title"]
                assert one["bbox"] is None or is_box(one["bbox"])
                assert all(link["url"] for link in one["links"])
    await asyncio.to_thread(narrow, f"{url}/collections/experiments")
    await asyncio.to_thread(look, url)


def narrow(experiments: str) -> None:
    def ids(**asked: Any) -> set[str]:
        return {one["identifier"] for one in metasearch(experiments, **asked)}

    assert "polaris" in ids(keywords="ice") != ids()
    name = "downscaling-land-surface-temperature-over-kinshasa"
    assert name in ids(bbox=["15", "-5", "16", "-4"])
    assert name not in ids(bbox=["-80", "-50", "-70", "-40"])
    assert ids(bbox=["-180", "-90", "180", "90"]) == ids()


def look(url: str) -> None:
    """The landing page and a collection are shown with their titles, descriptions and links."""
    landing = Records(url)
    assert all(link["rel"] and link["href"] for link in landing.links)
    catalogue = landing.collection("workflows")
    assert catalogue["title"]
    assert catalogue["description"]
    assert catalogue["links"]


def metasearch(address: str, keywords: str = "", bbox: list[str] | None = None) -> list[Any]:
    """All rows, as the plug-in's table and its window on a record have them."""
    base, name = address.split("/collections/")
    client, rows, offset = Records(base, timeout=60), [], 1
    matches = 1
    while offset <= matches:
        asked: dict[str, Any] = {"limit": 10, "offset": offset - 1}
        asked |= {"q": keywords} if keywords else {}
        whole = bbox == ["-180", "-90", "180", "90"]
        asked |= {"bbox": bbox} if bbox and not whole else {}
        answer = client.collection_items(collection_id=name, **asked)
        matches = answer.get("numberMatched", 0)
        assert answer.get("numberReturned", 0) == len(answer["features"])
        rows += [row(one) for one in answer["features"]]
        offset += 10
    first = client.collection_item(name, rows[0]["identifier"])
    assert first["properties"]["title"] == rows[0]["title"]
    return rows


def row(record: dict[str, Any]) -> dict[str, Any]:
    box = None
    if record.get("geometry") is not None:
        ring = record["geometry"]["coordinates"][0]
        box = {"minx": ring[0][0], "miny": ring[0][1], "maxx": ring[2][0], "maxy": ring[2][1]}
    names = {"href": "url", "type": "protocol", "title": "title", "id": "name"}
    return {
        "identifier": record["id"],
        "type": record["properties"]["type"],
        "title": record["properties"]["title"],
        "bbox": box,
        "links": [
            {names[key]: value for key, value in link.items() if key in names}
            for link in record.get("links", [])
        ],
    }


def is_box(box: dict[str, float]) -> bool:
    return -180 <= box["minx"] <= box["maxx"] <= 180 and -90 <= box["miny"] <= box["maxy"] <= 90
