"""The real workflows and experiments: nothing is lost, and real clients read them."""

import json
from pathlib import Path
from typing import Any

import pytest
from earthcode_common.ogc.entities import KIND_OF, target_of

from tests.conformance.records_ats.schemas import intended
from tests.records_api.record_samples import rels

pytestmark = pytest.mark.real_data
BASE = "https://records.test"
STRUCTURAL = ("root", "parent", "self", "collection")
CONFORMS = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
EXECUTABLE = "urn:earthcode:profile:executable-experiment:1.0"
SCHEMAS = "schemas.opengis.net/ogcapi/records/part1/1.0/openapi/schemas"


@pytest.fixture(scope="session")
def real_documents(real_neighbours: Any) -> dict[tuple[str, str], Any]:
    found = [v for v in real_neighbours.versions if v.kind in ("workflow", "experiment")]
    return {(one.kind, one.id): json.loads(one.text) for one in found}


@pytest.fixture
async def real(make_records: Any, real_neighbours: Any) -> Any:
    service = await make_records(real_neighbours)
    told = [one.event() for one in real_neighbours.versions]
    for start in range(0, len(told), 100):
        await service.react(told[start : start + 100])
    return service


def own(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The links that nobody could derive."""
    return [
        one
        for one in document["links"]
        if one["rel"] not in STRUCTURAL
        and not (one["rel"] in ("related", "child", "item") and target_of(one["href"]))
    ]


async def test_nothing_is_lost(real: Any, real_documents: Any) -> None:
    for name, kind in (("workflows", "workflow"), ("experiments", "experiment")):
        page = await real.get(f"/collections/{name}/items", params={"limit": 1000})
        submitted = {id: d for (k, id), d in real_documents.items() if k == kind}
        assert page["numberMatched"] == len(submitted)
        assert {one["id"] for one in page["features"]} == set(submitted)
        for served in page["features"]:
            check_record(served, submitted[served["id"]])
            assert served == await real.record(name, served["id"])


def check_record(served: dict[str, Any], submitted: dict[str, Any]) -> None:
    marks = {one["member"]: one["from"] for one in served.get("earthcode:derived", [])}
    stated = as_stated(served, marks)
    for name, value in submitted.items():
        if name not in {"links", *marks}:
            assert stated[name] == value, name
    assert submitted.get("geometry") is None or "geometry" not in marks
    assert set(served) - set(submitted) <= {"earthcode:derived", "time"}
    assert served["time"] is None or "time" in submitted or "time" in marks
    kept = served["links"][-len(own(submitted)) :] if own(submitted) else []
    assert [one["rel"] for one in kept] == [one["rel"] for one in own(submitted)]
    assert all(one["href"].startswith("http") for one in served["links"])
    for given, one in zip(own(submitted), kept, strict=True):
        assert one == given | ({} if given["href"].startswith("http") else {"href": one["href"]})
    assert len(rels(served, "collection")) == 1


def as_stated(served: dict[str, Any], marks: dict[str, Any]) -> dict[str, Any]:
    """Without what the standard wants beside the document, and with the licence as it was."""
    assert served["conformsTo"][-1] == CONFORMS
    stated_classes = [one for one in served["conformsTo"][:-1] if one != EXECUTABLE]
    found = served | {"conformsTo": stated_classes}
    if "properties.license" in marks:
        assert served["properties"]["license"] == "other"
        assert len(rels(served, "license")) == 1
        stated = {"license": marks["properties.license"][0]["value"]}
        found |= {"properties": served["properties"] | stated}
    return found


async def test_references_are_links_in_both_directions(real: Any, real_documents: Any) -> None:
    here = f"{BASE}/records/collections"
    for (kind, id), document in real_documents.items():
        served = await real.record(f"{kind}s", id)
        linked = set(rels(served, "related"))
        properties = document["properties"]
        if kind == "experiment":
            workflow = properties["osc:workflow"]
            assert f"{here}/workflows/items/{workflow}" in linked
            back = await real.record("workflows", workflow)
            assert f"{here}/experiments/items/{id}" in rels(back, "related")
        else:
            assert f"{BASE}/stac/collections/{properties['osc:project']}" in linked
        targets = [
            target_of(one["href"])
            for one in document["links"]
            if one["rel"] in ("related", "child")
        ]
        for target in filter(None, targets):
            if target.id != "ocean":  # the one theme that is named and does not exist
                folder = next(f for f, k in KIND_OF.items() if k == target.kind)
                assert any(h.endswith(f"/{target.id}") for h in linked), (id, folder, target)


async def test_places_and_times_are_derived(real: Any, real_documents: Any) -> None:
    for name in ("workflows", "experiments"):
        page = await real.get(f"/collections/{name}/items", params={"limit": 1000})
        for one in page["features"]:
            assert one["geometry"]["type"] == "Polygon", one["id"]
            assert one["time"]["interval"], one["id"]
            marks = [m for m in one["earthcode:derived"] if m["member"] in ("geometry", "time")]
            sources = {s["kind"] for mark in marks for s in mark["from"]}
            assert sources <= {"product", "project"}
    lightning = await real.record("experiments", "lightning2earthcare-experiment")
    assert lightning["geometry"]["coordinates"][0][0] == [-180, -60]  # written latitude first
    kinshasa = "downscaling-land-surface-temperature-over-kinshasa"
    west, south = (await real.record("experiments", kinshasa))["geometry"]["coordinates"][0][0]
    assert (round(west, 1), round(south, 1)) == (15.3, -4.5)
    assert kinshasa in await real.ids("experiments", bbox="15,-5,16,-4", limit=100)
    assert kinshasa not in await real.ids("experiments", bbox="-80,-50,-70,-40", limit=100)


async def test_the_schema_accepts_what_is_served(real: Any) -> None:
    """As it was meant: the published one refuses every object member (ogcapi-records#482)."""
    validator = intended_validator()
    for name in ("workflows", "experiments"):
        page = await real.get(f"/collections/{name}/items", params={"limit": 1000})
        for one in page["features"]:
            errors = [e.message for e in validator.iter_errors(one)]
            assert not errors, (one["id"], errors[:3])


def intended_validator() -> Any:
    import yaml
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    root = next(iter(Path(__file__).parents[3].glob("shared/schemas")), None)
    if root is None or not (root / SCHEMAS).is_dir():
        pytest.skip("the OGC schemas are not here")

    def read(uri: str) -> Any:
        path = root / uri.removeprefix("https://")
        return Resource(intended(yaml.safe_load(path.read_text())), DRAFT202012)

    base = f"https://{SCHEMAS}/recordGeoJSON.yaml"
    return Draft202012Validator({"$ref": base}, registry=Registry(retrieve=read))


FOUND = [
    ("workflows", {"q": "permafrost"}, {"esa-cci-permafrost"}),
    ("experiments", {"q": "sea ice"}, {"polaris", "polarwarp"}),
    ("workflows", {"themes": "cryosphere"}, None),
    ("experiments", {"themes": "oceans"}, None),
    ("workflows", {"osc:project": "fairsendd"}, {"fairsendd"}),
    ("experiments", {"osc:project": "cerulean-information-factory"}, {"polaris", "polarwarp"}),
    ("experiments", {"osc:workflow": "polaris"}, {"polaris"}),
]


async def test_found_by_text_theme_and_project(
    real: Any, real_documents: Any, subtests: Any
) -> None:
    """The files say which have a theme; texts and projects find the ones that are named."""
    for collection, asked, ids in FOUND:
        with subtests.test(collection=collection, asked=asked):
            found = set(await real.ids(collection, limit=100, **asked))
            wanted = {
                id
                for (kind, id), one in real_documents.items()
                if f"{kind}s" == collection and asked.get("themes") in themes(one)
            }
            assert found == wanted if ids is None else ids <= found
            assert 0 < len(found) < 14


def themes(document: Any) -> set[str]:
    named = document["properties"]["themes"]
    return {concept["id"] for one in named for concept in one["concepts"]}


async def test_every_record_is_counted_under_its_project(real: Any) -> None:
    """Most experiments name their workflow alone, which names the project."""
    for name, number in (("workflows", 14), ("experiments", 7)):
        page = await real.get(f"/collections/{name}/items", params={"facets": "project:100"})
        buckets = page["facets"]["project"]["buckets"]
        assert sum(one["count"] for one in buckets) == number
        for one in buckets:
            found = await real.ids(name, limit=100, **{"osc:project": one["value"]})
            assert len(found) == one["count"]


async def test_found_by_place_and_time(real: Any) -> None:
    """Those that were derived: each record by its own box and interval, and not far from them."""
    for name in ("workflows", "experiments"):
        page = await real.get(f"/collections/{name}/items", params={"limit": 100})
        for one in page["features"]:
            ring, (start, end) = one["geometry"]["coordinates"][0], one["time"]["interval"]
            inside = f"{ring[0][0]},{ring[0][1]},{ring[2][0]},{ring[2][1]}"
            asked = {"bbox": inside, "datetime": f"{start}/{end}", "limit": 100}
            assert one["id"] in await real.ids(name, **asked)
            if start != "..":
                early = {"datetime": "../1850-01-01T00:00:00Z", "match-missing": "false"}
                assert one["id"] not in await real.ids(name, **early)


async def test_the_real_catalogue_is_rebuilt_alike(real: Any) -> None:
    before = await real.get("/collections/experiments/items", params={"limit": 1000})
    await real.rebuild()
    after = await real.get("/collections/experiments/items", params={"limit": 1000})
    key = lambda one: one["id"]  # noqa: E731
    assert sorted(after["features"], key=key) == sorted(before["features"], key=key)
