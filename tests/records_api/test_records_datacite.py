"""Records as DataCite 4.6: JSON and XML by the schema, alike, and honest about what is unknown."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from records_api.representations import datacite, datacite_xml
from records_api.representations.format import Context

from tests.records_api.datacite_schema import SCHEMA
from tests.records_api.exchange_world import REPRODUCTION, each, tree
from tests.records_api.hostile_records import HERE, hostile
from tests.records_api.record_samples import record, workflow

CONTEXT = Context("https://records.test", HERE, [])
KERNEL = "{http://datacite.org/schema/kernel-4}"
VALIDATOR = Draft202012Validator(SCHEMA)
# Elements of the schema, in the order of its documentation.
ELEMENTS = [
    *("identifier", "creators", "titles", "publisher", "publicationYear", "resourceType"),
    *("subjects", "contributors", "dates", "language", "alternateIdentifiers"),
    *("relatedIdentifiers", "formats", "version", "rightsList", "descriptions", "geoLocations"),
]


def problems(found: Any) -> list[str]:
    return [f"{one.json_path}: {one.message[:200]}" for one in VALIDATOR.iter_errors(found)]


def _content(one: Any) -> Any:
    return next(iter(one.values())) if isinstance(one, dict) else one


def check_xml(found: dict[str, Any], root: Any) -> None:
    """The same as the JSON says, in elements that the schema knows."""
    names = [one.tag.removeprefix(KERNEL) for one in root]
    assert names == [name for name in ELEMENTS if name in names]
    assert {"identifier", "creators", "titles", "publisher", "publicationYear"} <= set(names)
    identifier = root[0]
    kind = "DOI" if "doi" in found else "URL"
    assert (identifier.get("identifierType"), identifier.text) == (
        kind,
        found["doi" if kind == "DOI" else "url"],
    )
    for many in ("titles", "subjects", "dates", "relatedIdentifiers", "rightsList", "formats"):
        said = [_content(one) for one in found.get(many, [])]
        assert [one.text for one in root.findall(f"{KERNEL}{many}/*")] == said, many
    people = root.findall(f"{KERNEL}creators/{KERNEL}creator/{KERNEL}creatorName")
    assert [one.text for one in people] == [one["name"] for one in found["creators"]]
    points = root.iterfind(f".//{KERNEL}pointLongitude")
    assert all(-180 <= float(one.text) <= 180 for one in points)


@pytest.mark.real_data
async def test_the_real_records(all_catalogues: Any) -> None:
    kinds = {}
    async for one, data in each(all_catalogues, "datacite"):
        found = json.loads(data)
        assert problems(found) == [], one["id"]
        href = found["url"].removeprefix("https://records.test")
        xml = await all_catalogues.client.get(href, params={"f": "datacite-xml"})
        check_xml(found, tree(xml.content))
        kinds[one["properties"]["type"]] = found["types"]["resourceTypeGeneral"]
        stated = any(name in one["properties"] for name in ("DOI", "sci:doi", "externalIds"))
        cited = any(link["rel"] == "cite-as" for link in one["links"])
        assert ("doi" in found) <= (stated or cited)
    assert kinds == {
        "workflow": "Workflow",
        "experiment": "Workflow",
        "product": "Dataset",
        "reproduction": "Report",
    }


@pytest.mark.real_data
async def test_what_came_of_what(all_catalogues: Any) -> None:
    here = "https://records.test/records/collections"

    async def relations(collection: str, id: str) -> set[tuple[str, str]]:
        href = f"/records/collections/{collection}/items/{id}?f=datacite"
        found = (await all_catalogues.client.get(href)).json()["relatedIdentifiers"]
        return {(one["relationType"], one["relatedIdentifier"]) for one in found}

    product = await relations("products", "polaris")
    assert ("IsDerivedFrom", f"{here}/experiments/items/polaris") in product
    experiment = await relations("experiments", "polaris")
    assert ("IsCompiledBy", f"{here}/workflows/items/polaris") in experiment
    assert ("IsSourceOf", f"{here}/products/items/polaris") in experiment
    again = await relations("reproductions", REPRODUCTION)
    assert ("IsDerivedFrom", f"{here}/experiments/items/polaris") in again
    lakes = await relations("workflows", "polar-lakes-workflow")
    assert ("IsDescribedBy", "10.3390/rs13020197") in lakes
    glambie = await relations("workflows", "glambie-workflow-v1.0.190")
    assert ("HasPart", "https://github.com/ESA-EarthCODE/glambie.git") in glambie


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile)
def test_whatever_a_record_holds(one: dict[str, Any]) -> None:
    text = json.dumps(one)
    found = json.loads(datacite.RECORD[0].render(text, CONTEXT))
    assert problems(found) == []
    check_xml(found, tree(datacite_xml.RECORD[0].render(text, CONTEXT)))


async def test_nothing_is_made_up(records: Any) -> None:
    bare = {"id": "bare", "type": "Feature", "geometry": None, "links": []}
    await records.publish("workflow", bare | {"properties": {"type": "workflow"}})
    answer = await records.client.get("/records/collections/workflows/items/bare?f=datacite")
    assert answer.headers["content-type"] == datacite.MEDIA
    found = answer.json()
    assert (found["creators"], found["publisher"]) == ([{"name": ":unav"}], {"name": ":unav"})
    assert found["publicationYear"] == "0000"
    assert not {"doi", "rightsList", "dates", "geoLocations", "contributors"} & set(found)


async def test_people_places_and_rights(records: Any) -> None:
    contact = {
        "name": "Ada Example",
        "organization": "Polar Institute",
        "roles": ["principal investigator"],
        "links": [
            {"rel": "about", "href": "https://orcid.org/0000-0002-1825-0097"},
            {"rel": "about", "href": "https://ror.org/05nr0zq35"},
        ],
    }
    host = {"organization": "Archive", "roles": ["publisher"]}
    made = record("full", "workflow", contacts=[contact, host], license="MIT", version="2.1")
    made["properties"] |= {"DOI": "https://doi.org/10.1234/Abc", "created": "2024-05-01T00:00:00Z"}
    made["links"] = [{"rel": "cite-as", "href": "https://doi.org/10.1234/ABC"}]  # the same DOI
    made["time"] = {"interval": ["2020-01-01", ".."]}
    made["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [4, 5], [0, 0]]]}
    await records.publish("workflow", made)
    found = (
        await records.client.get("/records/collections/workflows/items/full?f=datacite")
    ).json()
    assert problems(found) == []
    (creator,) = found["creators"]
    assert creator["nameIdentifiers"][0]["nameIdentifier"].endswith("0000-0002-1825-0097")
    assert creator["affiliation"][0]["affiliationIdentifier"] == "https://ror.org/05nr0zq35"
    assert (found["doi"], found["publisher"]) == ("10.1234/Abc", {"name": "Archive"})
    assert "relatedIdentifiers" not in found
    assert found["rightsList"][0]["rightsIdentifier"] == "MIT"
    assert found["publicationYear"] == "2024"
    assert {"date": "2020-01-01T00:00:00Z/", "dateType": "Coverage"} in found["dates"]
    box, ring = found["geoLocations"]
    assert box["geoLocationBox"]["northBoundLatitude"] == 5
    assert len(ring["geoLocationPolygon"]) == 4


async def test_by_accept(records: Any) -> None:
    await records.publish("workflow", workflow())
    for media in (datacite.MEDIA, datacite_xml.MEDIA):
        answer = await records.client.get(
            "/records/collections/workflows/items/melt", headers={"Accept": media}
        )
        assert answer.headers["content-type"] == media
