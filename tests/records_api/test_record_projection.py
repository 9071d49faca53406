"""From events to records: documents stay, links and missing extents are derived."""

import json
from typing import Any

import sqlalchemy as sa
from earthcode_common.contracts import RECORDS_PROJECTED

from tests.records_api.record_samples import collection, experiment, rels, to, workflow

BASE = "https://records.test"
CONFORMS = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"


def mark(document: dict[str, Any], member: str) -> Any:
    marks = document.get("earthcode:derived", [])
    return next((one["from"] for one in marks if one["member"] == member), None)


async def test_links_go_both_ways(records: Any) -> None:
    """Whatever comes first: a link appears once its other end is published."""
    made = [to("../../products/ice/collection.json", "child")]
    await records.publish("experiment", experiment(links=made))
    alone = await records.record("experiments", "melt-2020")
    assert rels(alone, "related") == []
    await records.publish("workflow", workflow(themes=[{"concepts": [{"id": "cryosphere"}]}]))
    await records.publish("product", collection("ice"))
    await records.publish("project", collection("arctic"))
    await records.publish("theme", {"id": "cryosphere", "title": "Cryosphere"})
    here = f"{BASE}/records/collections"
    found = await records.record("experiments", "melt-2020")
    assert rels(found, "related") == [
        f"{BASE}/stac/collections/ice",
        f"{BASE}/stac/collections/arctic",
        f"{here}/workflows/items/melt",
    ]
    back = await records.record("workflows", "melt")
    assert rels(back, "related") == [
        f"{BASE}/stac/collections/arctic",
        f"{BASE}/stac/catalogs/themes/catalogs/cryosphere",
        f"{here}/experiments/items/melt-2020",
    ]
    titles = [link.get("title") for link in back["links"] if link["rel"] == "related"]
    assert titles == [
        "Project: The arctic",
        "Theme: Cryosphere",
        "Experiment: Experiment melt-2020",
    ]
    assert rels(found, "self") == [f"{here}/experiments/items/melt-2020"]
    assert rels(found, "collection") == [f"{here}/experiments"]


async def test_own_links_stay_in_order_and_become_absolute(records: Any) -> None:
    await records.publish("product", collection("ice"))
    links = [
        to("../../catalog.json", "root"),
        to("../catalog.json", "parent"),
        to("https://somewhere.test/record.json", "self"),
        {"rel": "input", "href": "./input.yaml", "x:note": [1.0, None]},
        to("../../products/ice/collection.json", "input"),
        to("environment%20one.yaml", "environment"),
        to("https://github.com/a/b?x=1#y", "git"),
        to("../../cryosphere/catalog.json"),
        to("../../products/ice/collection.json"),
        to("#here", "about"),
    ]
    await records.publish("experiment", experiment(links=links))
    found = await records.record("experiments", "melt-2020")
    files = f"{BASE}/publish/entities/experiment/melt-2020/attachments"
    own = found["links"][-6:]
    assert [one["href"] for one in own] == [
        f"{files}/input.yaml",
        f"{BASE}/stac/collections/ice",
        f"{files}/environment%20one.yaml",
        "https://github.com/a/b?x=1#y",
        "https://esa-earthcode.github.io/open-science-catalog-metadata/cryosphere/catalog.json",
        "#here",
    ]
    assert own[0] == {"rel": "input", "href": f"{files}/input.yaml", "x:note": [1.0, None]}
    assert [one["rel"] for one in own] == [
        "input",
        "input",
        "environment",
        "git",
        "related",
        "about",
    ]
    assert rels(found, "related")[0] == f"{BASE}/stac/collections/ice"


async def test_the_document_stays_as_it_was_submitted(records: Any) -> None:
    text = """{"id": "odd", "type": "Feature", "geometry": null, "zeta": {"b": 1.10, "a": 1e2},
      "properties": {"title": "\\u00c9t\\u00e9", "type": "workflow",
        "huge": 123456789012345678901234567890,
        "n": null, "created": "2025-01-01T00:00:00.123456+00:00"}, "links": [], "alpha": []}"""
    await records.publish("workflow", text)
    answer = await records.client.get("/records/collections/workflows/items/odd")
    submitted, served = json.loads(text), answer.json()
    served.pop("links")
    submitted.pop("links")
    assert served.pop("conformsTo") == [CONFORMS]
    assert served.pop("time") is None
    assert served == submitted
    assert list(served) == list(submitted)
    assert "1.10" in answer.text
    assert "123456789012345678901234567890" in answer.text


async def test_extents_are_derived_and_marked(records: Any) -> None:
    boxes = [[10, 50, 20, 60], [12, 40, 14, 45]]
    await records.publish("workflow", workflow())
    await records.publish("experiment", experiment(**{"osc:product": "ice"}))
    bare = await records.record("experiments", "melt-2020")
    assert bare["geometry"] is None
    assert bare["time"] is None
    assert "earthcode:derived" not in bare

    arctic = collection("arctic", interval=[["2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z"]])
    await records.publish("project", arctic)
    found = await records.record("experiments", "melt-2020")
    project = {"kind": "project", "id": "arctic", "href": f"{BASE}/stac/collections/arctic"}
    assert mark(found, "geometry") == mark(found, "time") == [project]

    await records.publish("product", collection("ice", boxes, [[None, None]]))
    for name, id in (("experiments", "melt-2020"), ("workflows", "melt")):
        found = await records.record(name, id)
        ring = [[10, 40], [10, 60], [20, 60], [20, 40], [10, 40]]
        assert found["geometry"] == {"type": "Polygon", "coordinates": [ring]}
        product = {"kind": "product", "id": "ice", "href": f"{BASE}/stac/collections/ice"}
        assert mark(found, "geometry") == [product]
        assert found["time"] == {"interval": ["2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z"]}
        assert mark(found, "time") == [project]
    assert await records.ids("experiments", bbox="11,47,13,48") == []  # between both boxes
    assert await records.ids("experiments", bbox="13,41,13,41") == ["melt-2020"]

    await records.publish(
        "product", collection("ice", [[170, 0, -170, 5]], [["2020-01-01T00:00:00Z", None]])
    )
    found = await records.record("experiments", "melt-2020")
    assert found["geometry"]["coordinates"][0][0] == [-180, 0]
    assert found["time"] == {"interval": ["2020-01-01T00:00:00Z", ".."]}
    assert await records.ids("experiments", bbox="175,1,176,2") == ["melt-2020"]
    assert await records.ids("experiments", bbox="0,1,1,2") == []


async def test_records_are_found_by_the_project_of_their_workflow(records: Any) -> None:
    """Whatever comes first, and until the workflow has another; one's own counts more."""
    named = experiment("own", **{"osc:project": "ocean"})
    await records.publish("experiment", experiment(), named)
    await records.publish("workflow", workflow())
    assert await records.ids("experiments", **{"osc:project": "arctic"}) == []
    await records.publish("project", collection("arctic"), collection("ocean"))
    assert await records.ids("experiments", **{"osc:project": "arctic"}) == ["melt-2020"]
    assert await records.ids("experiments", **{"osc:project": "ocean"}) == ["own"]
    await records.publish("workflow", workflow(**{"osc:project": "ocean"}))
    assert await records.ids("experiments", **{"osc:project": "arctic"}) == []
    both = await records.ids("experiments", filter="\"osc:project\" = 'ocean'", sortby="id")
    assert both == ["melt-2020", "own"]


async def test_boxes_are_read_as_they_were_meant(records: Any) -> None:
    """As the catalogue does: latitude first, corners swapped, the first of several around all."""
    await records.publish("workflow", workflow())
    places = {
        "sanchi": [[20, 120, 35, 140]],
        "antarctica": [[180, -53, -180, -90]],
        "several": [[0, 0, 40, 40], [0, 0, 9, 9], [30, 30, 40, 40]],
        "nowhere": [[-181, 0, 359, 1]],
    }
    for id, boxes in places.items():
        await records.publish("product", collection(id, boxes))
        await records.publish("experiment", experiment(f"of-{id}", **{"osc:product": id}))
    for name, prefix in (("products", ""), ("experiments", "of-")):
        for asked, id in (("125,30,126,31", "sanchi"), ("0,-80,1,-79", "antarctica")):
            found = await records.ids(name, **{"bbox": asked, "match-missing": "false"})
            assert found == [f"{prefix}{id}"], asked
        assert await records.ids(name, **{"bbox": "15,15,16,16", "match-missing": "false"}) == []
    found = await records.record("experiments", "of-sanchi")
    assert found["geometry"]["coordinates"][0][::2] == [[120, 20], [140, 35], [120, 20]]
    found = await records.record("experiments", "of-antarctica")
    assert found["geometry"]["coordinates"][0][::2] == [[-180, -90], [180, -53], [-180, -90]]
    assert (await records.record("products", "nowhere"))["geometry"] is None


async def test_what_a_record_says_itself_is_not_derived(records: Any) -> None:
    await records.publish("product", collection("ice"))
    point = {"type": "Point", "coordinates": [5, 5]}
    own = experiment("own", **{"osc:product": "ice"}) | {
        "geometry": point,
        "time": {"date": "2001-02-03"},
    }
    dated = experiment(
        "dated",
        **{"osc:product": "ice"},
        start_datetime="2001-01-01T00:00:00+00:00",
        end_datetime="2001-02-01T00:00:00Z",
    ) | {"bbox": [1, 2, 3, 4]}
    broken = experiment("broken") | {
        "geometry": {"type": "Polygon", "coordinates": []},
        "time": {"date": 5},
    }
    await records.publish("experiment", own, dated, broken)
    found = await records.record("experiments", "own")
    assert (found["geometry"], found["time"]) == (point, {"date": "2001-02-03"})
    assert "earthcode:derived" not in found
    found = await records.record("experiments", "dated")
    assert found["geometry"]["coordinates"][0][0] == [1, 2]
    assert found["time"] == {"interval": ["2001-01-01T00:00:00Z", "2001-02-01T00:00:00Z"]}
    assert mark(found, "geometry") == [{"pointer": "/bbox"}]
    assert mark(found, "time") == [{"pointer": "/properties"}]
    noon = "2001-02-03T12:00:00Z"
    assert await records.ids("experiments", datetime=noon) == ["own", "broken"]
    assert await records.ids("experiments", filter=f"time = TIMESTAMP('{noon}')") == ["own"]
    assert await records.ids("experiments", filter="T_EQUALS(time, DATE('2001-02-03'))") == ["own"]
    assert await records.ids("experiments", datetime="2001-02-04T00:00:00Z") == ["broken"]
    assert await records.ids("experiments", datetime="2001-02-03") == ["own", "broken"]
    assert await records.ids("experiments", bbox="4,4,6,6") == ["own", "broken"]


async def test_a_served_record_may_be_submitted_again(records: Any) -> None:
    await records.publish("project", collection("arctic"))
    await records.publish("product", collection("ice"))
    links = [to("../../products/ice/collection.json"), to("https://x.test/", "git")]
    await records.publish("workflow", workflow(), workflow("twice", links=links))
    first = await records.record("workflows", "twice")
    await records.publish("workflow", first)
    assert await records.record("workflows", "twice") == first


async def test_older_versions_change_nothing(records: Any) -> None:
    old, new = (records.neighbours.publish("workflow", workflow(title=t)) for t in ("old", "new"))
    await records.react([new.event()])
    await records.react([old.event()])
    found = await records.record("workflows", "melt")
    assert found["properties"]["title"] == "new"
    await records.react([old.event(), new.event(), old.event()])
    assert (await records.record("workflows", "melt")) == found


async def test_every_version_is_confirmed(records: Any) -> None:
    """A submission waits for its own version, also when a later one is served already."""
    await records.publish("theme", {"id": "land", "title": "Land"})
    await records.publish("workflow", workflow(), workflow(title="new"))
    query = sa.text("select subject, data from outbox order by id")
    async with records.runtime.db.read() as session:
        rows = (await session.execute(query)).all()
    assert {row.subject for row in rows} == {RECORDS_PROJECTED.subject("workflow", "melt")}
    told = [json.loads(row.data) for row in rows]
    assert [one["version"] for one in told] == [1, 2]
    assert told[0]["href"] == f"{BASE}/records/collections/workflows/items/melt"
    assert told[0]["submission"] == "s1"


async def test_reproductions_are_records(records: Any) -> None:
    await records.publish("product", collection("ice", [[1, 2, 3, 4]]))
    await records.publish("workflow", workflow())
    await records.publish("experiment", experiment())
    made = experiment("run-1", type="reproduction", **{"osc:experiment": "melt-2020"})
    made["properties"].pop("osc:workflow")
    await records.reproduce(made)
    found = await records.record("reproductions", "run-1")
    here = f"{BASE}/records/collections"
    assert rels(found, "related") == [
        f"{BASE}/stac/collections/ice", f"{here}/experiments/items/melt-2020"
    ]  # fmt: skip
    assert rels(found, "via") == [f"{BASE}/reproduce/reproductions/run-1"]
    assert found["geometry"]["coordinates"][0][0] == [1, 2]
    back = await records.record("experiments", "melt-2020")
    assert f"{here}/reproductions/items/run-1" in rels(back, "related")
    assert await records.ids("reproductions", type="reproduction") == ["run-1"]


async def test_a_project_with_the_id_of_a_product_has_an_address_of_its_own(records: Any) -> None:
    await records.publish("workflow", workflow())
    await records.publish("project", collection("arctic"))
    await records.publish("product", collection("arctic"))
    found = await records.record("workflows", "melt")
    assert rels(found, "related") == [f"{BASE}/stac/catalogs/projects/collections/arctic"]


async def everything(records: Any) -> dict[str, Any]:
    found = {}
    for name in ("workflows", "experiments", "reproductions"):
        page = await records.get(f"/collections/{name}/items", params={"limit": 1000})
        found |= {(name, one["id"]): one for one in page["features"]}
    return found


async def test_the_projection_can_be_rebuilt(records: Any) -> None:
    """From nothing, over garbage, and without what the ledger does not hold."""
    await records.publish("project", collection("arctic"))
    await records.publish("workflow", workflow(), workflow(title="new"))
    await records.publish("experiment", experiment(), experiment("other"))
    await records.reproduce(
        experiment("run-1", type="reproduction", **{"osc:experiment": "melt-2020"})
    )
    before = await everything(records)
    assert len(before) == 4
    async with records.runtime.db.write() as session:
        await session.execute(sa.text("update entity set version = 99, body = '{}', title = ''"))
        await session.execute(sa.text("update record set version = 99"))
        await session.execute(sa.text("update record_doc set doc = '{}'"))
    await records.rebuild()
    assert await everything(records) == before
    async with records.runtime.db.write() as session:
        await session.execute(sa.text("truncate entity, edge, record, record_doc, record_terms"))
    await records.rebuild()
    assert await everything(records) == before
    gone = [v for v in records.neighbours.versions if v.id == "other"]
    records.neighbours.versions.remove(gone[0])
    records.neighbours.reproductions.clear()
    await records.rebuild()
    left = await everything(records)
    assert set(left) == {("workflows", "melt"), ("experiments", "melt-2020")}
    assert not [h for h in rels(left["workflows", "melt"], "related") if "other" in h]


async def test_a_rebuild_that_finds_the_reproducer_away_keeps_its_records(
    records: Any, make_settings: Any
) -> None:
    await records.publish("experiment", experiment())
    await records.reproduce(
        experiment("run-1", type="reproduction", **{"osc:experiment": "melt-2020"})
    )
    records.settings.reproducer_url = "http://127.0.0.1:9"
    await records.rebuild()
    assert await records.ids("reproductions") == ["run-1"]
