"""Values for what JSON Schema cannot describe, so that a fuzzer's good requests are good.

The OpenAPI document names these formats. What goes against a schema stays as the fuzzer made it.
"""

import json
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

NAMES = st.sampled_from(["id", "datetime", "title", "properties.datetime", "gsd", "eo:cloud_cover"])
LON, LAT = st.integers(-180, 180), st.integers(-90, 90)
SORTED = st.sampled_from(
    ["id", "datetime", "-datetime", "+id", "-properties.datetime", "id,-datetime"]
)
YEARS = st.integers(1, 9998)
ITEM_FIELDS = st.sampled_from(["id", "-geometry", "properties.datetime", "id,-links", "+id", ""])


def _box(numbers: tuple[int, int, int, int]) -> list[int]:
    west, east, one, other = numbers
    return [west, min(one, other), east, max(one, other)]


BOXES = st.tuples(LON, LON, LAT, LAT).map(_box)
POSITIONS = st.tuples(LON, LAT).map(list)
GEOMETRIES = st.one_of(
    POSITIONS.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(POSITIONS, min_size=2, max_size=4, unique_by=tuple).map(
        lambda line: {"type": "LineString", "coordinates": line}
    ),
    st.tuples(st.integers(-170, 160), st.integers(-80, 70), st.integers(1, 10)).map(
        lambda square: {"type": "Polygon", "coordinates": [_ring(*square)]}
    ),
)


def _ring(x: int, y: int, size: int) -> list[list[int]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


INSTANTS = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}".format,
    *(YEARS, st.integers(1, 12), st.integers(1, 28)),
    *(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)),
    st.sampled_from(["Z", ".5Z", "+01:00", "-03:30", "z"]),
)
INTERVALS = st.one_of(
    INSTANTS,
    INSTANTS.map(lambda at: f"{at}/.."),
    INSTANTS.map(lambda at: f"../{at}"),
    INSTANTS.map(lambda at: f"{at}/9999-01-01T00:00:00Z"),
)
WORDS = st.text("abcxyzÉ09 ", min_size=1, max_size=12).filter(str.strip)
LITERALS = WORDS.map(lambda text: f"'{text}'")
COMPARISONS = st.builds(
    "{} {} {}".format, st.sampled_from(["id", "title", "name"]),
    st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), LITERALS,
)  # fmt: skip
FILTERS = st.recursive(
    st.one_of(
        COMPARISONS,
        BOXES.map(lambda b: f"S_INTERSECTS(geometry, BBOX({','.join(map(str, b))}))"),
        NAMES.map(lambda name: f'"{name}" IS NULL'),
        st.integers(-1000, 1000).map(lambda number: f"gsd >= {number}"),
        LITERALS.map(lambda text: f"CASEI(title) LIKE CASEI({text})"),
    ),
    lambda inner: st.one_of(
        inner.map("NOT ({})".format),
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["AND", "OR"]), inner),
    ),
    max_leaves=4,
)
QUERIES = st.dictionaries(
    st.sampled_from(["gsd", "eo:cloud_cover"]),
    st.dictionaries(st.sampled_from(["lt", "gte", "eq", "neq"]), st.integers(-9, 99), min_size=1),
    min_size=1,
)
ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "geometry": None,
    "properties": {"datetime": "2020-01-01T00:00:00Z"},
    "assets": {},
}
FORMATS = {
    "bbox": BOXES.map(lambda box: ",".join(map(str, box))),
    "datetime-interval": INTERVALS,
    "geojson-geometry": GEOMETRIES.map(json.dumps),
    "cql2-text": FILTERS,
    "stac-query": QUERIES.map(json.dumps),
    "stac-sortby": SORTED,
    "stac-fields": ITEM_FIELDS,
    "stac-words": WORDS,
    "etags": st.just("*"),
    "page-token": st.just("only-a-page-can-tell"),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """What good requests must not hold together, and what only a server can give out."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.path.startswith("/records"):
        _mend_records(case)
    else:
        _mend_stac(case)


def _mend_stac(case: Any) -> None:
    _mend(case.query)
    if isinstance(case.body, dict) and case.path.endswith(("/search", "/aggregate")):
        _mend(case.body)
        _mend_body(case.body)
    if case.method in ("PUT", "PATCH", "DELETE"):
        case.headers["If-Match"] = "*"
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex
    if "/items" in case.path or case.path.endswith("/bulk_items"):
        case.body = _written(case)


def _mend_records(case: Any) -> None:
    """Boxes and filters are lists and texts to the document; names of no property are refused."""
    given = case.query if isinstance(case.query, dict) else {}
    if given.get("bbox") is not None:
        given["bbox"] = "-10,35.5,30,60"
    if given.get("filter") is not None:
        given |= {"filter": "title = 'x' OR NOT (id < 'é')", "filter-lang": "cql2-text"}
    if case.method == "POST":
        case.body = {"op": "=", "args": [{"property": "title"}, "x"]}


def _written(case: Any) -> Any:
    if case.method == "PATCH":
        change = {"op": "add", "path": "/properties/n", "value": 1}
        return [change] if isinstance(case.body, list) else {"properties": {"n": 1}}
    if case.method not in ("PUT", "POST"):
        return case.body
    item = ITEM | {"id": f"i{uuid4().hex}"}
    if case.method == "PUT":
        item["id"] = case.path_parameters["item_id"] = "i1"
    many = isinstance(case.body, dict) and case.body.get("type") == "FeatureCollection"
    return {"type": "FeatureCollection", "features": [item]} if many else item


def _mend(given: Any) -> None:
    if not isinstance(given, dict):
        return
    given.pop("token", None)
    if given.get("bbox") is not None:
        given.pop("intersects", None)
    if given.get("filter") is not None and isinstance(given.get("filter"), str):
        given["filter-lang"] = "cql2-text"


def _mend_body(body: dict[str, Any]) -> None:
    """Members of a body are JSON where parameters are text: other languages, fewer words."""
    good = {
        "bbox": [-10, 35.5, 30, 60],
        "intersects": {"type": "Point", "coordinates": [0, 0]},
        "query": {"gsd": {"gte": 0}},
        "sortby": [{"field": "id", "direction": "desc"}],
    }
    for name, value in good.items():
        if body.get(name) is not None:
            body[name] = value
    if body.get("filter") is not None and not isinstance(body["filter"], str):
        body["filter"] = {"op": "=", "args": [{"property": "id"}, "x"]}
        body["filter-lang"] = "cql2-json"


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    each = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(one).encode() + b"\n" for one in each)
