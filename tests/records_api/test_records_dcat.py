"""Records as DCAT-AP 3: what the profile asks for, alike in both syntaxes, whatever they hold."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from rdflib import DCAT, DCTERMS, PROV, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from records_api.representations import dcat_catalog
from records_api.representations.format import Context

from tests.records_api.dcat_shapes import GSP, SHAPES, broken
from tests.records_api.exchange_world import REPRODUCTION, each, graph
from tests.records_api.hostile_records import HERE, hostile
from tests.records_api.record_samples import workflow

RECORDS = "https://records.test/records/collections"
CONTEXT = Context("https://records.test", f"{HERE}/items", [])
JSONLD = dcat_catalog.JSONLD


@pytest.mark.real_data
async def test_the_real_records_follow_the_profile_in_both_syntaxes(all_catalogues: Any) -> None:
    seen: set[Any] = set()
    async for record, data in each(all_catalogues, "turtle"):
        found = graph(data, "turtle")
        assert broken(found) == [], record["id"]
        here = next(one["href"] for one in record["links"] if one["rel"] == "self")
        titles = list(found.objects(URIRef(here), DCTERMS.title))
        assert titles == [Literal(record["properties"]["title"].strip(), lang="en")]
        seen |= set(found.objects(None, RDF.type))
        path = here.removeprefix("https://records.test")
        jsonld = await all_catalogues.client.get(path, headers={"Accept": JSONLD})
        assert isomorphic(graph(jsonld.content, "json-ld"), found), record["id"]
    assert set(SHAPES) - seen == {DCAT.Catalog, DCAT.DataService}


@pytest.mark.real_data
async def test_provenance_leads_from_a_product_to_its_workflow(all_catalogues: Any) -> None:
    found = Graph()
    for name in ("products", "experiments", "workflows"):
        href = f"/records/collections/{name}/items/polaris?f=turtle"
        answer = await all_catalogues.client.get(href)
        found.parse(data=answer.content, format="turtle")
    again = await all_catalogues.client.get(
        f"/records/collections/reproductions/items/{REPRODUCTION}?f=turtle"
    )
    found.parse(data=again.content, format="turtle")
    product, workflow, experiment = (
        URIRef(f"{RECORDS}/{name}/items/polaris")
        for name in ("products", "workflows", "experiments")
    )
    (activity,) = found.objects(product, PROV.wasGeneratedBy)
    assert set(found.objects(activity, PROV.used)) == {workflow, experiment}
    assert list(found.objects(activity, PROV.generated)) == [product]
    assert (workflow, RDF.type, PROV.Plan) in found
    record = URIRef(f"{RECORDS}/reproductions/items/{REPRODUCTION}")
    (second,) = found.objects(record, PROV.wasGeneratedBy)
    assert set(found.objects(second, PROV.used)) == {workflow, experiment}
    assert second != activity


@pytest.mark.real_data
async def test_a_catalogue_is_harvested_page_by_page(all_catalogues: Any) -> None:
    """As harvesters of DCAT do: from the catalogue to its pages, and on to the next one."""
    hydra = "http://www.w3.org/ns/hydra/core#"
    client, datasets = all_catalogues.client, set()
    start = await client.get("/records/collections/workflows", params={"f": "turtle"})
    about = graph(start.content, "turtle")
    assert broken(about) == []
    (catalogue,) = about.subjects(RDF.type, DCAT.Catalog)
    assert str(catalogue) == f"{RECORDS}/workflows"
    page = str(next(about.objects(catalogue, URIRef(f"{hydra}view")))) + "&limit=5"
    pages = 0
    while page:
        answer = await client.get(page.removeprefix("https://records.test"))
        found = graph(answer.content, "turtle")
        assert broken(found) == []
        assert (catalogue, RDF.type, DCAT.Catalog) in found
        assert str(next(found.objects(catalogue, URIRef(f"{hydra}totalItems")))) == "14"
        datasets |= set(found.objects(catalogue, DCAT.dataset))
        view = next(found.objects(catalogue, URIRef(f"{hydra}view")))
        page = str(next(found.objects(view, URIRef(f"{hydra}next")), ""))
        pages += 1
    assert (len(datasets), pages) == (14, 3)
    crawled = await client.get("/records/catalogs/workflows", params={"f": "dcat"})
    assert set(graph(crawled.content, "json-ld").objects(None, DCAT.dataset)) == datasets
    roots = await client.get("/records/catalogs", params={"f": "dcat"})
    assert len(list(graph(roots.content, "json-ld").objects(None, DCAT.catalog))) == 4


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile)
def test_whatever_a_record_holds_is_valid(record: dict[str, Any]) -> None:
    text = json.dumps(record)
    turtle, jsonld = (
        graph(one.render(text, CONTEXT), name)
        for one, name in zip(dcat_catalog.RECORD, ("turtle", "json-ld"), strict=True)
    )
    assert isomorphic(turtle, jsonld)
    assert broken(turtle) == []
    assert len(Graph().parse(data=turtle.serialize(format="nt"), format="nt")) == len(turtle)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile, hostile)
def test_pages_of_such_records_are_valid(one: dict[str, Any], other: dict[str, Any]) -> None:
    other["links"][0]["href"] += "/other"
    links = [{"rel": "self", "href": f"{HERE}/items?f=turtle"}]
    page = json.dumps({"features": [one, other], "links": links, "numberMatched": 2})
    turtle, jsonld = (
        graph(each.render(page, CONTEXT), name)
        for each, name in zip(dcat_catalog.PAGE, ("turtle", "json-ld"), strict=True)
    )
    assert isomorphic(turtle, jsonld)
    assert len(set(turtle.objects(None, DCAT.dataset))) == 2


async def test_boxes_across_the_antimeridian_are_two(records: Any) -> None:
    halves = [
        [[[175, 0], [180, 0], [180, 9], [175, 0]]],
        [[[-180, 0], [-176, 0], [-180, 9], [-180, 0]]],
    ]
    place = {"type": "MultiPolygon", "coordinates": halves}
    await records.publish("workflow", workflow() | {"geometry": place})
    answer = await records.client.get("/records/collections/workflows/items/melt?f=turtle")
    (box,) = graph(answer.content, "turtle").objects(None, DCAT.bbox)
    assert box.datatype == GSP.wktLiteral
    parts = shapely.from_wkt(str(box)).geoms
    assert sorted(one.bounds for one in parts) == [(-180, 0, -176, 9), (175, 0, 180, 9)]


async def test_profiles_are_negotiated(records: Any) -> None:
    await records.publish("workflow", workflow())
    here = "/records/collections/workflows/items/melt"
    crate = 'application/ld+json;profile="https://w3id.org/ro/crate/1.2"'
    for accept in (JSONLD, crate, "text/turtle", f"text/html;q=0.5, {crate}"):
        answer = await records.client.get(here, headers={"Accept": accept})
        wanted = accept.rpartition(", ")[2]
        assert answer.headers["content-type"].removesuffix("; charset=utf-8") == wanted
    record = await records.record("workflows", "melt")
    offered = {one["type"] for one in record["links"] if one["rel"] == "alternate"}
    assert {JSONLD, crate, "text/turtle"} <= offered


async def test_the_same_bytes_for_the_same_etag(records: Any) -> None:
    await records.publish("workflow", workflow())
    for format in ("turtle", "dcat", "ro-crate", "datacite", "datacite-xml", "atom"):
        href = f"/records/collections/workflows/items/melt?f={format}"
        one, other = await records.client.get(href), await records.client.get(href)
        assert (one.content, one.headers["etag"]) == (other.content, other.headers["etag"])
        held = {"If-None-Match": one.headers["etag"]}
        assert (await records.client.get(href, headers=held)).status_code == 304
