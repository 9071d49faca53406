"""Experiments as people write them, whole and broken: generated, for the profile's contract."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

Json = Any


class Bundle(NamedTuple):
    """``inputs``: the value of the file of rel input, None when there is no such link."""

    experiment: dict[str, Any]
    workflow: dict[str, Any]
    inputs: Json
    product: dict[str, Any]


def _maybe(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


BLANKS = st.sampled_from(["", " ", None, 3, ["x"]])
NAMES = st.sampled_from(["sst", "sst-anomaly", "glambie-v1.0.190", "a b", "ü"])
BACK_ENDS = st.sampled_from(
    [
        {"rel": "process", "href": "https://p.example/ogc/processes/sst"},
        {"rel": "related", "type": "text/html", "href": "http://p.example/processes/x/execution"},
        {"rel": "service", "href": " https://p.example/processes/sst/jobs/?f=json "},
        {"rel": "application", "href": "HTTPS://p.example/a/processes/sst#top"},
        {"rel": "process", "href": "https://p.example/processes"},
        {"rel": "process", "href": "https://p.example/processes/sst/results"},
        {"rel": "process", "href": "/ogc/processes/sst"},
        {"rel": "process", "href": "ftp://p.example/processes/sst"},
        {"rel": "process_graph", "href": "https://s3.example/graph.json"},
        {"rel": "via", "href": "https://editor.openeo.example/?server=https://eo.example/openeo/"},
        {"rel": "related", "type": "application/json", "title": "An openEO graph", "href": "./g"},
        {"rel": "application", "type": "application/cwl", "href": "https://c.example/a.cwl"},
        {"rel": "application", "type": "application/x-ipynb+json", "href": "https://c.example/a"},
        {"rel": "git", "href": "https://c.example/a.git"},
        {"rel": "process", "href": ""},
        {"rel": "process"},
        "no link at all",
    ]
)
FILES = st.sampled_from(
    ["./input.yaml", "input.json", "https://data.example/input.yaml?v=2", " ./x "]
)
NO_FILES = st.sampled_from(
    [
        "https://c.example/repository.git",
        "../../products/sst/collection.json",
        "https://osc.example/records/collections/experiments/items/sst",
        "",
    ]
)
HREFS = st.one_of(FILES, NO_FILES)


def _link(rel: str, hrefs: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Json]]:
    return st.one_of(hrefs.map(lambda href: [{"rel": rel, "href": href}]), st.just([]))


TOLERANCES = st.one_of(
    st.floats(0, 100), st.integers(-1, 101), st.sampled_from([True, "1", None, 1e300])
)
COMPARISONS = st.one_of(
    _maybe(rtol=TOLERANCES, atol=TOLERANCES, pixel_tolerance=TOLERANCES, other=TOLERANCES),
    st.sampled_from([None, [], "rtol", 0, {}]),
)
VALUES = st.one_of(
    st.integers(-5, 5),
    st.floats(-5, 5),
    st.booleans(),
    st.none(),
    st.sampled_from(["x", "2020-01-01", "2020-01-01T00:00:00Z", [0, 1, 2, 3], [0, "1"], {"a": 1}]),
)
TYPES = st.sampled_from(
    [
        *("string", "number", "integer", "boolean", "array", "object", "date", "date-time", "bbox"),
        *("float", 3, None),
    ]
)
TEXTS = st.sampled_from(["K", "EPSG:3413", "", 7, None])
ENTRIES = st.fixed_dictionaries(
    {"name": NAMES, "value": VALUES},
    optional={"type": TYPES, "unit": TEXTS, "crs": TEXTS, "description": TEXTS},
)
INPUTS = st.one_of(
    st.dictionaries(NAMES, VALUES, max_size=3).map(lambda found: {"parameters": found}),
    st.lists(ENTRIES, max_size=2).map(lambda found: {"parameters": found, "$comment": "x"}),
    st.sampled_from(
        [{"parameters": None}, {"parameters": [{"name": "x"}]}, {"parameters": 3}, {}, [], 7]
    ),
)
ASSETS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {
            "href": st.sampled_from(
                ["https://d.example/a.nc", "./a.nc", "s3://b/a.zarr", "", "../a"]
            )
        },
        optional={"roles": st.sampled_from([["data"], "data", ["data", "x"], ["thumbnail"], []])},
    ),
    max_size=2,
)


GOOD_ENTRY = {"name": "lat", "value": 60.5, "type": "number", "unit": "degree", "crs": "EPSG:4326"}
WHOLE: dict[str, st.SearchStrategy[Any]] = {
    "workflow": NAMES,
    "input": _link("input", FILES).filter(bool),
    "environment": _link("environment", FILES).filter(bool),
    "comparison": st.just({"earthcode:comparison": {"rtol": 1e-5, "pixel_tolerance": 0.5}}),
    "back end": st.just([{"rel": "process", "href": "https://p.example/ogc/processes/sst"}]),
    "inputs": st.sampled_from([{"parameters": {"year": 2020}}, {"parameters": [GOOD_ENTRY]}]),
    "assets": st.just({"sst": {"href": "https://d.example/a.nc", "roles": ["data"]}}),
}
ANY: dict[str, st.SearchStrategy[Any]] = {
    "workflow": st.one_of(NAMES, BLANKS),
    "input": _link("input", HREFS),
    "environment": _link("environment", HREFS),
    "comparison": st.one_of(st.just({}), _maybe(**{"earthcode:comparison": COMPARISONS})),
    "back end": st.lists(BACK_ENDS, max_size=2),
    "inputs": INPUTS,
    "assets": ASSETS,
}


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    """Whole but for some of its parts, which are anything."""
    anyhow = draw(st.sets(st.sampled_from(sorted(ANY))))
    made = {name: draw((ANY if name in anyhow else WHOLE)[name]) for name in ANY}
    links = [*made["input"], *made["environment"]]
    linked = draw(st.sampled_from([[], [], ["../../workflows/sst/record.json"]]))
    links += [{"rel": "related", "href": href} for href in linked]
    stated = draw(st.lists(BACK_ENDS, max_size=1))
    said = {"osc:workflow": made["workflow"]} | made["comparison"]
    experiment = _record("experiment", [*links, *stated], said)
    workflow = _record("workflow", made["back end"], {})
    product = {"type": "Collection", "id": "sst", "assets": made["assets"]}
    return Bundle(experiment, workflow, made["inputs"], product)


def _record(kind: str, links: list[Json], properties: dict[str, Json]) -> dict[str, Any]:
    said = {"type": kind, "title": kind} | properties
    return {"id": "sst", "type": "Feature", "properties": said, "links": links}
