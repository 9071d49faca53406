"""What can be run and what cannot, and why: on the real catalogue, and on anything at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reproducer.domain.plan import File, Platform, Product, Sources, resolve
from reproducer.domain.plan.backend import backend_of
from reproducer.domain.plan.environment import read_environment
from reproducer.domain.plan.inputs import read_inputs
from reproducer.domain.plan.model import Reason
from reproducer.domain.plan.reading import attachment_name, entity_of, truth
from reproducer.domain.plan.representation import plan_document

from tests.profile import trying

PLATFORMS = [
    Platform("gtif", "GTIF", "ogc-api-processes", "https://harshness-map.gtif.eox.at"),
    Platform("local", "Local", "ogc-api-processes", "http://127.0.0.1:8090/"),
    Platform("cdse", "CDSE", "openeo", "https://openeofed.dataspace.copernicus.eu/openeo"),
]
EXPECTED_WORKFLOWS = {
    "arceme-datacube-workflow": "code",
    "delta-nbr-workflow-example": "notebook",
    "downscaling-land-surface-temperature-over-kinshasa": "notebook",
    "eradiate-radiative-transfer-workflow": "code",
    "esa-cci-permafrost": "notebook",
    "esa-world-cereal-extent-workflow": "openeo",
    "fairsendd": "cwl",
    "glambie-workflow-v1.0.190": "code",
    "land-biosphere-society": "notebook",
    "lightning2earthcare-workflow": "code",
    "pca-on-ocean-data-cube": "notebook",
    "polar-lakes-workflow": "code",
    "polaris": "ogc-api-processes",
    "polarwarp": "ogc-api-processes",
}
NOT_EXECUTABLE = "workflow-not-executable"
EXPECTED_REASONS = {
    "downscaling-land-surface-temperature-over-kinshasa": {NOT_EXECUTABLE, "no-published-data"},
    "esa-cci-permafrost": {NOT_EXECUTABLE, "input-missing", "no-published-data"},
    "esa-world-cereal-extent-experiment": {NOT_EXECUTABLE, "no-published-data"},
    "glambie-v1.0.190-experiment": {NOT_EXECUTABLE, "input-not-parameters"},
    "lightning2earthcare-experiment": {
        NOT_EXECUTABLE,
        "input-not-parameters",
        "no-published-data",
    },
    "polaris": {"platform-not-registered"},
    "polarwarp": {"platform-not-registered"},
}


def load_catalogue(root: Path, published: Any) -> None:
    folders = {"products": "product", "workflows": "workflow", "experiments": "experiment"}
    for folder, kind in folders.items():
        for entry in (root / folder).iterdir():
            if entry.is_dir():
                load_entity(entry, kind, published)


def load_entity(folder: Path, kind: str, published: Any) -> None:
    main = folder / ("collection.json" if kind == "product" else "record.json")
    document = json.loads(main.read_text("utf-8"))
    published.entities[kind, document["id"]] = main.read_bytes()
    for file in folder.iterdir():
        if file.suffix in (".yaml", ".yml"):
            published.attachments[kind, document["id"], file.name] = file.read_bytes()
        elif file != main and file.suffix == ".json":
            published.items.setdefault(document["id"], []).append(json.loads(file.read_text()))


@pytest.mark.real_data
async def test_every_real_experiment_has_a_sensible_plan(
    real_catalogue: Path, published: Any, make_reproducer: Any
) -> None:
    load_catalogue(real_catalogue, published)
    reproducer = await make_reproducer([])
    found = {}
    for kind, key in list(published.entities):
        if kind == "experiment":
            answer = await reproducer.client.get(f"/reproduce/experiments/{key}/plan")
            assert answer.status_code == 200
            found[key] = answer.json()
    assert set(EXPECTED_REASONS) <= set(found)
    for key, codes in EXPECTED_REASONS.items():
        assert {reason["code"] for reason in found[key]["reasons"]} == codes, key
        assert all(reason["hint"] and reason["id"] for reason in found[key]["reasons"])
    polarwarp = found["polarwarp"]["resolved"]
    assert polarwarp["process"] == "execute-polarwarp-gcps"
    assert polarwarp["inputs"]["date"] == "2025-02-25"
    assert len(polarwarp["outputs"]) == 6
    cereal = found["esa-world-cereal-extent-experiment"]["resolved"]
    assert cereal["endpoint"] == "https://openeofed.dataspace.copernicus.eu/openeo"
    assert cereal["process"].endswith("/process_graph.json")


@pytest.mark.real_data
async def test_a_real_experiment_runs_where_its_platform_is_registered(
    real_catalogue: Path, published: Any, make_reproducer: Any
) -> None:
    load_catalogue(real_catalogue, published)
    platform = {"id": "gtif", "title": "GTIF", "kind": "ogc-api-processes"}
    reproducer = await make_reproducer([platform | {"url": PLATFORMS[0].url}])
    answer = await reproducer.client.get("/reproduce/experiments/polarwarp/plan")
    plan = answer.json()
    assert plan["executable"] is True
    assert (plan["platform"], plan["process"]) == ("gtif", "execute-polarwarp-gcps")


@pytest.mark.real_data
def test_the_kind_of_every_real_workflow_is_recognised(real_catalogue: Path) -> None:
    found = {}
    for file in (real_catalogue / "workflows").glob("*/record.json"):
        document = json.loads(file.read_text("utf-8"))
        backend = backend_of({}, document)
        found[document["id"]] = backend.kind if backend else None
        if "application:container" in document["properties"]:
            assert read_environment({}, document, None)["container"] is True
    assert EXPECTED_WORKFLOWS.items() <= found.items()


FILE = "./input.yaml"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("parameters: {year: 2020}", {"year": 2020}),
        ("$comment: x\nparameters:\n  date: 2025-02-25\n", {"date": "2025-02-25"}),
        ('{"parameters": {"a": [1, 2.5, null, true]}}', {"a": [1, 2.5, None, True]}),
        ("parameters: []", {}),
        ("parameters:", {}),
        ("parameters: [{name: a, value: 1}]", {"a": 1}),
        ("", "input-empty"),
        ("  \n", "input-empty"),
        ("name: momo\nchannels: [conda]", "input-unreadable"),
        ("parameters: 5", "input-unreadable"),
        ("parameters: [1, 2]", "input-unreadable"),
        ("a: [", "input-unreadable"),
        ("parameters: {a: &x [1], b: *x}", "input-unreadable"),
        ("parameters: {a: !!python/object:os.system x}", "input-unreadable"),
        ("parameters: {a: .nan}", "input-unreadable"),
        ("parameters: {1: a}", "input-unreadable"),
        ("parameters: {a: 99999999999999999999999}", "input-unreadable"),
        ('{"parameters": {"a": "\\u0000"}}', "input-unreadable"),
        ("parameters: " + "[" * 500 + "]" * 500, "input-unreadable"),
        ("- " * 3000, "input-unreadable"),
    ],
)
def test_input_files_of_all_kinds(content: str, expected: Any) -> None:
    found = read_inputs(File(FILE, "found", content), "/links/0")
    assert (found.code if isinstance(found, Reason) else found) == expected


@pytest.mark.parametrize(
    ("value", "meant"),
    [(True, True), ("true", True), (["true"], True), ("False", False), ([], None), ({}, None)],
)
def test_booleans_come_in_three_spellings(value: Any, meant: bool | None) -> None:
    assert truth(value) is meant


@pytest.mark.parametrize(
    ("href", "entity"),
    [
        ("../../products/a.b-c/collection.json", ("product", "a.b-c")),
        ("https://x.org/stac/collections/p%20q", ("product", "p q")),
        ("https://x.org/records/collections/workflows/items/w", ("workflow", "w")),
        ("https://x.org/publish/entities/experiment/e", ("experiment", "e")),
        ("./input.yaml", None),
        ("http://[broken", None),
    ],
)
def test_links_to_entities(href: str, entity: Any) -> None:
    assert entity_of(href) == entity


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("./input.yaml", "input.yaml"),
        ("input.yaml", "input.yaml"),
        ("../input.yaml", None),
        ("./a/b", None),
        ("/input.yaml", None),
        ("..", None),
        ("http://x/input.yaml", None),
    ],
)
def test_only_files_beside_the_document_are_attachments(href: str, name: str | None) -> None:
    assert attachment_name(href) == name


def sources(**changed: Any) -> Sources:
    """An executable experiment, by our own profile."""
    link = {
        "rel": "process",
        "href": "http://127.0.0.1:8090/processes/p",
        "type": "application/json",
    }
    asset = {"href": "http://x.org/f.nc", "roles": ["data"], "type": "application/x-netcdf"}
    values: dict[str, Any] = {
        "id": "e",
        "experiment": {"id": "e", "properties": {"osc:workflow": "w", "title": "E"}, "links": []},
        "workflow": {"id": "w", "links": [link]},
        "inputs": File(FILE, "found", "parameters: {secret_key: s, year: 1}"),
        "environment": File("./environment.yaml", "found", "name: x"),
        "products": [Product("p", {"id": "p", "assets": {"out": asset}})],
    }
    return Sources(**(values | changed))


def codes(plan: Any) -> set[str]:
    return {reason.code for reason in plan.reasons}


def test_an_experiment_of_our_profile_is_executable() -> None:
    plan = resolve(sources(), PLATFORMS)
    assert plan.executable
    assert plan.platform == PLATFORMS[1]
    document = plan_document(plan, lambda output: output.href)
    assert document["inputs"] == {"secret_key": "[redacted]", "year": 1}
    assert document["outputs"][0]["name"] == "out"


def test_the_platform_can_be_chosen() -> None:
    assert resolve(sources(), PLATFORMS, "gtif").platform == PLATFORMS[0]
    assert codes(resolve(sources(), PLATFORMS, "nowhere")) == {"platform-unknown"}
    assert codes(resolve(sources(), PLATFORMS, "cdse")) == {"platform-unfit"}


def test_a_link_may_name_the_platform() -> None:
    href = "http://somewhere.else/processes/p"
    named = {"rel": "process", "href": href, "earthcode:platform": "gtif"}
    plan = resolve(sources(workflow={"id": "w", "links": [named]}), PLATFORMS)
    assert plan.platform == PLATFORMS[0]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"workflow": None}, "workflow-unknown"),
        ({"workflow": {"id": "w"}}, "workflow-not-executable"),
        ({"inputs": None}, "input-link-missing"),
        ({"inputs": File(FILE, "missing")}, "input-missing"),
        ({"inputs": File(FILE, "too-large")}, "input-unreadable"),
        ({"products": []}, "product-missing"),
        ({"products": [Product("p", None)]}, "product-unknown"),
        ({"products": [Product("p", {"id": "p"})]}, "no-published-data"),
        ({"experiment": {"properties": {}}}, "workflow-missing"),
        (
            {
                "experiment": {
                    "properties": {"osc:workflow": "w", "earthcode:comparison": {"rtol": -1}}
                }
            },
            "comparison-invalid",
        ),
    ],
)
def test_reasons_are_told(changed: dict[str, Any], code: str) -> None:
    plan = resolve(sources(**changed), PLATFORMS)
    assert code in codes(plan)
    assert not plan.executable


def test_two_files_of_one_name_are_ambiguous() -> None:
    items: Any = [
        {"id": name, "assets": {"out": {"href": f"http://x.org/{name}", "roles": ["data"]}}}
        for name in "ab"
    ]
    plan = resolve(sources(products=[Product("p", {"id": "p"}, items=items)]), PLATFORMS)
    assert codes(plan) == {"output-ambiguous"}
    for item in items:
        item["assets"]["out"]["earthcode:output"] = item["id"]
    plan = resolve(sources(products=[Product("p", {"id": "p"}, items=items)]), PLATFORMS)
    assert [output.name for output in plan.outputs] == ["a", "b"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
HREFS = st.sampled_from(
    [
        "./input.yaml",
        "http://x/processes/a",
        "http://[",
        "../../products/p/collection.json",
        "a.git",
    ]
)
LINK = st.fixed_dictionaries(
    {"rel": st.sampled_from(["input", "process", "vcs", "child"]) | ANY, "href": HREFS | ANY},
    optional={"type": ANY, "title": ANY, "jupyter:kernel": ANY, "application:container": ANY},
)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "osc:workflow": ANY,
        "osc:product": ANY,
        "title": ANY,
        "application:type": ANY,
        "application:language": ANY,
        "jupyter_kernel_info": ANY,
        "earthcode:comparison": ANY,
    },
)
DOCUMENT = st.fixed_dictionaries(
    {}, optional={"links": st.lists(LINK, max_size=4) | ANY, "properties": PROPERTIES | ANY}
)
ASSETS = st.dictionaries(
    st.text(max_size=5),
    st.fixed_dictionaries({"href": HREFS | ANY, "roles": st.just(["data"]) | ANY}) | ANY,
    max_size=3,
)


@trying(300)
@given(DOCUMENT, DOCUMENT | st.none(), ASSETS | ANY, st.text(max_size=60))
def test_no_document_breaks_a_plan(
    experiment: Any, workflow: Any, assets: Any, content: str
) -> None:
    given_ = Sources(
        "e",
        experiment,
        workflow=workflow,
        inputs=File(FILE, "found", content),
        products=[Product("p", {"assets": assets}, items=[{"id": 1, "assets": assets}])],
    )
    plan = resolve(given_, PLATFORMS)
    document = plan_document(plan, lambda output: output.href)
    assert document["executable"] is not bool(plan.reasons)
