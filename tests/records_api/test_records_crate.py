"""Records as RO-Crate 1.2 metadata: every reference leads somewhere, profiles are kept to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from records_api.representations import crate
from records_api.representations.format import Context

from tests.records_api.exchange_world import each
from tests.records_api.hostile_records import HERE, hostile

SPECIFICATION = "https://w3id.org/ro/crate/1.2"
CONTEXT = Context("https://records.test", HERE, [])


def check_crate(found: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What RO-Crate 1.2 asks of any crate; gives the root and all entities."""
    assert found["@context"] == f"{SPECIFICATION}/context"
    entities = {one["@id"]: one for one in found["@graph"]}
    assert len(entities) == len(found["@graph"]), "an entity stands in the graph twice"
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["conformsTo"] == {"@id": SPECIFICATION}
    root = entities[descriptor["about"]["@id"]]
    assert root["@type"] == "Dataset"
    assert root["@id"].startswith("https://")
    assert {"name", "description", "license"} <= set(root)
    for reference in _references(list(entities.values())):
        assert reference in entities or reference == SPECIFICATION, reference
    for one in entities.values():
        assert one["@type"]
        assert one["@id"] == root["@id"] or one["@type"] != "Dataset" or "name" in one
    return root, entities


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def check_workflow(root: dict[str, Any], entities: dict[str, Any]) -> bool:
    """Workflow RO-Crate 1.0, where it is claimed: a main file that is a workflow, its language."""
    main = entities[root["mainEntity"]["@id"]]
    assert {"SoftwareSourceCode", "ComputationalWorkflow"} <= set(main["@type"])
    claimed = {"@id": crate.WORKFLOW_CRATE} in root.get("conformsTo", [])
    assert claimed == ("File" in main["@type"])
    if claimed:
        assert root["mainEntity"] in root["hasPart"]
        assert entities[main["programmingLanguage"]["@id"]]["@type"] == "ComputerLanguage"
    return claimed


@pytest.mark.real_data
async def test_the_real_records(all_catalogues: Any) -> None:
    claimed, actions = 0, 0
    async for record, data in each(all_catalogues, "ro-crate"):
        root, entities = check_crate(json.loads(data))
        assert root["name"] == record["properties"]["title"].strip()
        kind = record["properties"]["type"]
        if kind == "workflow":
            claimed += check_workflow(root, entities)
        if kind in ("experiment", "reproduction"):
            (action,) = root["mentions"]
            about = entities[action["@id"]]
            assert about["@type"] == "CreateAction"
            assert [entities[one["@id"]]["@type"] for one in about["instrument"]] == [
                ["SoftwareSourceCode", "ComputationalWorkflow"]
            ]
            actions += 1
        if kind != "product":
            assert root["datePublished"]
    assert (claimed, actions) == (7, 8)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile)
def test_whatever_a_record_holds(record: dict[str, Any]) -> None:
    root, entities = check_crate(json.loads(crate.RECORD[0].render(json.dumps(record), CONTEXT)))
    if "mainEntity" in root:
        main = entities[root["mainEntity"]["@id"]]
        assert ("conformsTo" in root) == ("File" in main["@type"])
