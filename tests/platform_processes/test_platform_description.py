import pytest
from earthcode_processes.definitions import DEFINITIONS
from jsonschema import Draft202012Validator
from pygeoapi.openapi import validate_openapi_document

from tests.platform_processes.platform_server import PlatformServer

PROCESSES = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"


def test_conformance_is_what_the_server_does_and_does_not_grow(platform: PlatformServer) -> None:
    first = platform.get("/conformance").json()["conformsTo"]
    assert {PROCESSES + name for name in ("core", "json", "job-list", "dismiss")} <= set(first)
    assert PROCESSES + "callback" not in first
    assert platform.get("/conformance").json()["conformsTo"] == first


def test_landing_page_leads_to_the_processes(platform: PlatformServer) -> None:
    links = {link["rel"]: link["href"] for link in platform.get("/").json()["links"]}
    assert links["http://www.opengis.net/def/rel/ogc/1.0/processes"] == f"{platform.url}/processes"


def test_the_openapi_document_is_valid(platform: PlatformServer) -> None:
    document = platform.get("/openapi").json()
    assert validate_openapi_document(document)
    assert "/processes/sst-anomaly/execution" in document["paths"]


def test_the_list_names_the_processes(platform: PlatformServer) -> None:
    listed = platform.get("/processes").json()["processes"]
    assert [process["id"] for process in listed] == list(DEFINITIONS)
    assert all(process["outputTransmission"] == ["value", "reference"] for process in listed)


@pytest.mark.parametrize("process", DEFINITIONS)
def test_a_description_is_typed_and_stays_the_same(platform: PlatformServer, process: str) -> None:
    described = platform.get(f"/processes/{process}").json()
    assert described == platform.get(f"/processes/{process}").json()
    assert described["jobControlOptions"] == ["sync-execute", "async-execute"]
    for name, put in described["inputs"].items():
        Draft202012Validator.check_schema(put["schema"])
        assert name == "marker" or "x-ogc-unit" in (put["schema"].get("items") or put["schema"])
    for name, output in described["outputs"].items():
        expected = DEFINITIONS[process].outputs[name].media_type
        assert output["schema"]["contentMediaType"] == expected


@pytest.mark.parametrize("process", DEFINITIONS)
def test_the_example_of_a_description_runs(platform: PlatformServer, process: str) -> None:
    example = platform.get(f"/processes/{process}").json()["example"]
    assert platform.execute(process, **example).status_code == 200


@pytest.mark.parametrize("path", ["/", "/processes", "/processes/sst-anomaly", "/jobs", "/openapi"])
def test_there_are_pages_for_people(platform: PlatformServer, path: str) -> None:
    page = platform.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


def test_an_unknown_process_is_named_as_the_standard_names_it(platform: PlatformServer) -> None:
    for answer in (platform.get("/processes/nope"), platform.execute("nope", {})):
        assert answer.status_code == 404
        assert answer.json()["type"].endswith("/ogcapi-processes-1/1.0/no-such-process")
