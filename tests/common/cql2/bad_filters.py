"""Filters that every service has to refuse: as text, and as JSON with the place in it."""

import json
from typing import Any

DEEP = 70
TEXTS = [
    "", " ", "gsd >", "gsd > 'a' AND", "gsd = 1 1", "gsd == 1", "(gsd = 1", "gsd = 1)", "= 1",
    "gsd = 'x", 'gsd" = 1', "gsd = NULL", "gsd IN ()", "gsd BETWEEN 1", "gsd LIKE 3",
    "id LIKE gsd", "NOT", "gsd IS 1", "gsd = ;", "gsd = 1; drop table item", "a\x01=1",
    "gsd > NaN AND", "gsd > 1e999", f"gsd > {'9' * 400}", "keywords > 3", "keywords = 'a'",
    "geometry = 1", "geometry = POINT(1 1)", "gsd = (1, 2)", "gsd + 'a' = 1", "gsd + TRUE = 1",
    "1 + 1", "CASEI(1) = 'x'", "CASEI(id)", "CASEI(id, id) = 'x'", "ACCENTI(gsd + 1) = 'x'",
    "nosuchfunction(1) = 1", "pg_sleep(10) = 1", "nosuchfunction()", "avg(gsd) = 1",
    "'a' = 'b' 'c'",
    "(gsd = 1) = TRUE", "gsd = (id = 'a')", "'a'", "1", "DATE('2020-01-01')", "POINT(1 1)",
    "created > TIMESTAMP('x')", "created > TIMESTAMP('2020-13-01T00:00:00Z')",
    "created > TIMESTAMP('2020-01-01')", "created > DATE('2020-02-30')",
    "created > DATE('2020-1-1')",
    "created > DATE(1)", "created > 'soon'", "created IN ('soon')",
    "T_AFTER(created)", "T_AFTER(created, DATE('2020-01-01'), 1)",
    "T_AFTER(created, INTERVAL('2020-01-01'))",
    "T_AFTER(created, INTERVAL('2021-01-01', '2020-01-01'))",
    "T_AFTER(created, INTERVAL('x', '..'))", "T_AFTER(created, INTERVAL(1, 2))",
    "S_INTERSECTS(geometry)", "S_INTERSECTS(geometry, 1)", "S_INTERSECTS(geometry, 'POINT(1 1)')",
    "S_INTERSECTS(id, POINT(1 1))", "S_INTERSECTS(geometry, POINT(1))",
    "S_INTERSECTS(geometry, POINT(NaN 1))", "S_INTERSECTS(geometry, POINT(1e999 1))",
    "S_INTERSECTS(geometry, POINT(1 91))", "S_INTERSECTS(geometry, POINT(400 1))",
    "S_INTERSECTS(geometry, POINT EMPTY)",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1)))", "S_INTERSECTS(geometry, LINESTRING(0 0))",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 0", "S_INTERSECTS(geometry, CIRCLE(0 0))",
    "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1))))",
    "S_INTERSECTS(geometry, BBOX(0,50,1,40))", "S_INTERSECTS(geometry, BBOX(0,0,1))",
    "S_INTERSECTS(geometry, BBOX(0,0,1,100))", "S_INTERSECTS(geometry, BBOX(0,0,NaN,1))",
    "S_NEARBY(geometry, POINT(1 1))", "A_CONTAINS(keywords)", "A_CONTAINS(keywords, 'a' = 'a')",
    "A_CONTAINS(keywords, (POINT(1 1)))", "A_CONTAINS(keywords, (CASEI(id), 'a'))",
    "(" * 3000, "(" * DEEP + "id = 'a'" + ")" * DEEP, "NOT(" * 2000 + "a=1", "NOT " * 2000 + "a",
    "gsd = " + "1 + " * 2000 + "1", "gsd = " + "-" * 3000 + "1", "a=" * 3000 + "1",
    "gsd = 1 AND " * 2000 + "gsd = 1", "'" * 9000, "x" * 9000,
]  # fmt: skip
GEOMETRY, KEYWORDS, GSD = ({"property": name} for name in ("geometry", "keywords", "gsd"))


def op(name: Any, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def _deep(levels: int) -> Any:
    node: Any = op("=", GSD, 1)
    for _ in range(levels):
        node = op("not", node)
    return node


def _polygon(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


# With where it is, in the filter.
JSON: list[tuple[Any, str]] = [
    ({}, ""), ({"op": "x"}, ""), (op("nosuch", 1), ""), (op("pg_sleep", 10), ""),
    (op("+", 1, 2), ""),
    ({"op": "and"}, ""), (op("and"), ""), (op("not"), ""), (op("not", GSD, GSD), ""),
    (op(5), ""), (op(None), ""), ({"args": []}, ""), ({"property": 5}, "/property"),
    ({"op": "=", "args": {"property": "gsd"}}, ""), ({"op": "=", "args": "gsd"}, ""),
    (op("=", GSD), ""), (op("=", GSD, 1, 2), ""), (op("=", GSD, None), "/args/1"),
    (op("=", GSD, {}), "/args/1"), (op("=", GSD, {"property": ""}), "/args/1/property"),
    (op("=", {"property": "id\0"}, 1), "/args/0/property"), (op("=", GSD, "\0"), "/args/1"),
    (op("=", {"property": ["gsd"]}, 1), "/args/0/property"),
    (op("=", GSD, -1e301), "/args/1"),
    (op("=", GSD, op("=", GSD, 1)), "/args/1"), (op("=", GSD, op("nosuch", 1)), "/args/1"),
    (op("and", op("=", GSD, 1), op("or", op("<", GSD, None))), "/args/1/args/0/args/1"),
    (op("and", 1), "/args/0"), (op("not", "gsd"), "/args/0"), (op("and", None), "/args/0"),
    (op("between", GSD, 1), ""), (op("between", GSD, 1, None), "/args/2"),
    (op("in", GSD, 1), "/args/1"), (op("in", GSD, []), "/args/1"),
    (op("in", GSD, [{}]), "/args/1/0"),
    (op("in", GSD, list(range(2001))), "/args/1"), (op("in", GSD, [None]), "/args/1/0"),
    (op("like", GSD, 5), "/args/1"), (op("like", GSD, GSD), "/args/1"), (op("isNull"), ""),
    (op("isNull", GSD, GSD), ""), (op("=", op("casei", 1), "x"), "/args/0"),
    (op("=", op("casei"), "x"), "/args/0"), (op("=", op("+", GSD, "a"), 1), "/args/0/args/1"),
    (op("=", op("+", GSD), 1), "/args/0"), (op("=", op("^", GSD, True), 1), "/args/0/args/1"),
    (op("t_after", GSD, {"timestamp": "x"}), "/args/1/timestamp"),
    (op("t_after", GSD, {"timestamp": 5}), "/args/1/timestamp"),
    (op("t_after", GSD, {"date": "2020-02-30"}), "/args/1/date"),
    (op("t_after", GSD, {"date": None}), "/args/1/date"),
    (op("t_after", GSD, {"interval": ["2020-01-01"]}), "/args/1/interval"),
    (op("t_after", GSD, {"interval": "2020"}), "/args/1/interval"),
    (op("t_after", GSD, {"interval": ["2021-01-01", "2020-01-01"]}), "/args/1/interval"),
    (op("t_after", GSD, {"interval": [5, ".."]}), "/args/1/interval/0"),
    (op("t_after", GSD, {"interval": ["..", {"interval": ["..", ".."]}]}), "/args/1/interval/1"),
    (op("s_intersects", GEOMETRY, {"type": "Point"}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Point", "coordinates": [1, "2"]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Point", "coordinates": [1, 1e301]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Point", "coordinates": [[1, 1]]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Ball", "coordinates": [1, 1]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": 5, "coordinates": [1, 1]}), "/args/1"),
    (op("s_intersects", GEOMETRY, _polygon([0, 0], [1, 1])), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Polygon", "coordinates": []}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "Polygon", "coordinates": [[[[[[1]]]]]]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "GeometryCollection", "geometries": [
        {"type": "GeometryCollection", "geometries": []}]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"type": "GeometryCollection", "geometries": []}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"bbox": [0, 0, 1]}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"bbox": "0,0,1,1"}), "/args/1"),
    (op("s_intersects", GEOMETRY, {"bbox": [0, 0, "1", 1]}), "/args/1"),
    (op("s_intersects", GEOMETRY), ""), (_deep(DEEP), ""),
    (op("and", *[op("=", GSD, 1)] * 2001), ""),
    # Found when it is clear what the names stand for.
    (op("=", KEYWORDS, "a"), ""), (op("=", GEOMETRY, 1), ""), (op("=", GSD, [1]), ""),
    (op("s_intersects", GSD, GSD), ""), (op("a_contains", KEYWORDS, "a"), ""),
    (op("s_intersects", {"property": "id"}, {"bbox": [0, 0, 1, 1]}), ""),
]  # fmt: skip
# What no JSON library writes, or only with some effort.
RAW = [  # The deep ones are too deep for a JSON parser already.
    "", "{", "nul", "[]", "5", '"gsd ="', "NaN", '{"op":"=","args":[{"property":"gsd"},NaN]}',
    '{"op":"=","args":[{"property":"gsd"},Infinity]}',
    '{"op":"=","args":[{"property":"gsd"},1e999]}',
    '{"op":"=","args":[{"property":"gsd"},"\\ud800"]}',
    '{"op":"=","args":[{"property":"\\udfff"},1]}',
    '{"op":"=","args":[{"property":"gsd"},' + "9" * 5000 + "]}",
    '{"op":"not","args":[' * 3000 + "true" + "]}" * 3000, "[" * 100_000,
]  # fmt: skip
# The bow of two triangles is no valid polygon, but what is meant is clear: it is mended.
MENDED = op("s_intersects", GEOMETRY, _polygon([0, 0], [10, 10], [10, 0], [0, 10], [0, 0]))
OTHERS = [
    {"filter": "gsd > 1", "filter-lang": "cql-text"}, {"filter": "gsd > 1", "filter-lang": "x\0"},
    {"filter": "gsd > 1", "filter-lang": "cql2-json"}, {"filter": "{}", "filter-lang": "cql2-text"},
    {"filter": "gsd > 1", "filter-crs": "EPSG:4326"}, {"filter": "a = '\0'"},
    {"filter-crs": "x"}, {"filter-lang": ""},
    {"filter": "gsd > 1", "filter_lang": "cql2-text"}, {"filter": "gsd > 1", "Filter": "gsd > 1"},
]  # fmt: skip


def written(node: Any) -> str:
    """As JSON, however deep."""
    closing, opening = "", ""
    while isinstance(node, dict) and node.get("op") == "not" and len(node["args"]) == 1:
        opening, closing = opening + '{"op": "not", "args": [', "]}" + closing
        node = node["args"][0]
    return opening + json.dumps(node) + closing
