"""The profile of executable experiments is what the reproducer reads, and what records say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from records_api.domain import execution, profiles
from reproducer.domain.plan import File, Plan, Platform, Product, Sources, resolve
from reproducer.domain.plan.backend import backend_of
from reproducer.domain.plan.references import cannot_be_a_file, file_link, workflow_id

from tests.profile import trying
from tests.records_api.executable_bundles import Bundle, bundles
from tests.records_api.record_samples import experiment, rels, workflow

DOCUMENTED = Path(__file__).parents[2] / "docs/extend/executable-experiments.md"
SCHEMA = profiles.schema() | {"$id": "https://records.test/schema.json"}
PLATFORMS = [
    Platform(f"p{number}", "P", "ogc-api-processes", url)
    for number, url in enumerate(
        f"{scheme}://p.example{base}" for scheme in ("http", "https") for base in ("", "/ogc", "/a")
    )
]
# What documents cannot know of themselves: what is registered, published, or there at all.
ELSEWHERE = {"workflow-not-executable", "platform-not-registered", "output-ambiguous"}


def part(anchor: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#{anchor}", "$defs": SCHEMA["$defs"]})


RECORD, INPUTS, PRODUCT, BACK_END = (
    Draft202012Validator(SCHEMA),
    *map(part, ("inputs", "product", "back-end")),
)


def planned(one: Bundle) -> Plan:
    return resolve(
        Sources(
            "sst",
            one.experiment,
            workflow=one.workflow if workflow_id(one.experiment) else None,
            inputs=_file(one, "input"),
            environment=_file(one, "environment"),
            products=[Product("sst", one.product)],
        ),
        PLATFORMS,
    )


def _file(one: Bundle, rel: str) -> File | None:
    found = file_link(one.experiment, rel)
    if found is None:
        return None
    if rel == "input" and cannot_be_a_file(found[1]):
        return File(found[1], "not-a-file")
    return File(found[1], "found", json.dumps(one.inputs))


def in_profile(one: Bundle) -> bool:
    stated = BACK_END.is_valid(one.workflow) or BACK_END.is_valid(one.experiment)
    files = INPUTS.is_valid(one.inputs) and PRODUCT.is_valid(one.product)
    return stated and files and RECORD.is_valid(one.experiment)


@trying(400)
@given(bundles())
def test_what_has_the_profile_is_planned_and_what_is_planned_has_it(one: Bundle) -> None:
    plan = planned(one)
    codes = {reason.code for reason in plan.reasons}
    if in_profile(one):
        assert codes <= ELSEWHERE
    if plan.executable and not plan.warnings:
        assert in_profile(one)
    assert codes <= documented()


def documented() -> set[str]:
    return set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", DOCUMENTED.read_text("utf-8")))


@trying(400)
@given(bundles())
def test_records_are_read_as_the_schema_and_the_reproducer_read_them(one: Bundle) -> None:
    linked = workflow_id(one.experiment) is not None
    for kind, document in (("experiment", one.experiment), ("workflow", one.workflow)):
        lacking = profiles.lacks(kind, document, linked=linked)
        assert RECORD.is_valid(document) == (not lacking), lacking
        ours, theirs = execution.read(document), backend_of(document, None)
        assert ours.kind == (theirs.kind if theirs else None)
        if theirs and ours.kind == execution.PROCESSES:
            assert (ours.endpoint.lower(), ours.process) == (
                theirs.endpoint.lower(),
                theirs.process,
            )


def test_the_examples_are_of_both_kinds() -> None:
    """Else the properties above would say nothing."""
    seen: list[bool] = []

    @trying(400)
    @given(bundles())
    def look(one: Bundle) -> None:
        seen.append(planned(one).executable)

    look()
    assert 0.02 < sum(seen) / len(seen) < 0.98


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


async def test_it_is_served(records: Any) -> None:
    listed = await records.get("/profiles")
    assert [one["id"] for one in listed["profiles"]] == [profiles.ID]
    described = await records.get("/profiles/executable-experiment")
    schema = await records.client.get("/records/profiles/executable-experiment/schema.json")
    assert schema.headers["content-type"].startswith("application/schema+json")
    assert schema.json()["$id"] in rels(described, "describedby")
    assert (await records.client.get("/records/profiles/other")).status_code == 404


PROCESS = {"rel": "process", "href": "https://p.example/ogc/processes/sst"}
LINKS = [{"rel": rel, "href": f"./{rel}.yaml"} for rel in ("input", "environment")]


async def test_records_that_have_it_say_so(records: Any) -> None:
    await records.publish("workflow", workflow("melt", links=[PROCESS]), workflow("code"))
    await records.publish("experiment", experiment("all", links=LINKS), experiment("none"))
    for collection, id, has in (
        *(("workflows", "melt", True), ("workflows", "code", False)),
        *(("experiments", "all", True), ("experiments", "none", False)),
    ):
        served = await records.record(collection, id)
        assert (profiles.ID in served["conformsTo"]) == has, id
        linked = [one for one in rels(served, "profile") if "/profiles/executable" in one]
        assert bool(linked) == has
        assert has or RECORD.is_valid(served) is False
    again = await records.record("experiments", "all")
    await records.publish("experiment", again)
    assert rels(await records.record("experiments", "all"), "profile") == rels(again, "profile")


REAL = {
    "arceme-datacube-workflow": ("code", False),
    "delta-nbr-workflow-example": ("notebook", False),
    "downscaling-land-surface-temperature-over-kinshasa": ("notebook", False),
    "eradiate-radiative-transfer-workflow": ("code", False),
    "esa-cci-permafrost": ("notebook", False),
    "esa-world-cereal-extent-workflow": ("openeo", True),
    "fairsendd": ("cwl", False),
    "glambie-workflow-v1.0.190": ("code", False),
    "land-biosphere-society": ("notebook", False),
    "lightning2earthcare-workflow": ("code", False),
    "pca-on-ocean-data-cube": ("notebook", False),
    "polar-lakes-workflow": ("code", False),
    "polaris": ("ogc-api-processes", True),
    "polarwarp": ("ogc-api-processes", True),
}
NO_INPUTS = {"glambie-v1.0.190-experiment", "lightning2earthcare-experiment"}


@pytest.mark.real_data
def test_the_real_workflows(real_catalogue: Path) -> None:
    """Which back end each states, and whether it can be asked; variants are read alike."""
    found = {path.parent.name: json.loads(path.read_text()) for path in
             real_catalogue.glob("workflows/*/record.json")}  # fmt: skip
    read = {id: execution.read(one) for id, one in found.items()}
    assert {id: (one.kind, not profiles.lacks("workflow", found[id], linked=True))
            for id, one in read.items()} == REAL  # fmt: skip
    assert read["polaris"].endpoint == "https://harshness-map.gtif.eox.at"
    assert read["polaris"].process == "execute-polaris"
    assert read["esa-world-cereal-extent-workflow"].endpoint.endswith("copernicus.eu/openeo")
    containers = [one["properties"].get("application:container") for one in found.values()]
    assert {json.dumps(one) for one in containers} >= {"null", "true", '["true"]'}
    stated = [execution.truth(one) for one in containers]
    assert stated == [None if one is None else True for one in containers]
    assert all(one.code for id, one in read.items() if one.kind == "code")
    for id, one in found.items():
        assert read[id].languages == execution.texts(one["properties"].get("application:language"))
        assert backend_of(one, None).kind == read[id].kind
        assert RECORD.is_valid(one) == REAL[id][1]


@pytest.mark.real_data
def test_the_real_experiments(real_catalogue: Path) -> None:
    for path in real_catalogue.glob("experiments/*/record.json"):
        document = json.loads(path.read_text())
        lacking = profiles.lacks("experiment", document, linked=True)
        assert lacking == (["inputs"] if path.parent.name in NO_INPUTS else []), path
        assert RECORD.is_valid(document) == (not lacking)


@pytest.mark.real_data
async def test_variants_are_found_alike(make_records: Any, real_neighbours: Any) -> None:
    """Whether true, "true" or ["true"] was written, and a text or a list of texts."""
    service = await make_records(real_neighbours)
    await service.rebuild()
    filters = {"filter": '"application:container" = TRUE', "limit": 100}
    by_switch = set(await service.ids("workflows", **filters))
    by_language = set(await service.ids("workflows", **{"application:language": "Python"}))
    stated = {
        v.id: json.loads(v.text)["properties"]
        for v in real_neighbours.versions
        if v.kind == "workflow"
    }
    assert by_switch == {id for id, one in stated.items() if "application:container" in one}
    assert by_language == {
        id
        for id, one in stated.items()
        if "Python" in execution.texts(one.get("application:language"))
    }
    assert by_switch
    assert by_language
