"""Every form of CQL2 text (OGC 21-065r2, annex B) as CQL2 JSON, and back."""

from typing import Any

import pytest
from earthcode_common.ogc import cql2


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


A, B, G, T = ({"property": name} for name in ("a", "b", "geometry", "datetime"))
START, END = {"property": "start_datetime"}, {"property": "end_datetime"}
POINT = {"type": "Point", "coordinates": [1, 2]}
RING = [[0, 0], [4, 0], [4, 4], [0, 0]]
HOLE = [[1, 1], [2, 1], [2, 2], [1, 1]]
LINE = [[0, 0], [1.5, -1]]
DAY, MOMENT = {"date": "2020-02-29"}, {"timestamp": "2020-02-29T12:00:00.5Z"}
ONE, TWO = op("=", A, 1), op("=", B, 2)

COMPARISONS = [
    (f"a {sign} 1", op(sign, A, 1)) for sign in ("=", "<>", "<", ">", "<=", ">=")
] + [
    ("1 = a", op("=", 1, A)),
    ("a = b", op("=", A, B)),
    ("'x' < 'y'", op("<", "x", "y")),
    ("a = 'it''s'", op("=", A, "it's")),
    ("a = ''", op("=", A, "")),
    ("a = 'Été \\ % _ \"'", op("=", A, 'Été \\ % _ "')),
    ("a = TRUE", op("=", A, True)),
    ("a = false", op("=", A, False)),
    ("a = -5", op("=", A, -5)),
    ("a = +5", op("=", A, 5)),
    ("a = 1.5e-3", op("=", A, 0.0015)),
    ("a = 1E+20", op("=", A, 1e20)),
    ('"eo:cloud_cover" > 10', op(">", {"property": "eo:cloud_cover"}, 10)),
    ("eo:cloud_cover > 10", op(">", {"property": "eo:cloud_cover"}, 10)),
    ('"a b" = 1', op("=", {"property": "a b"}, 1)),
    ("properties.a = 1", op("=", {"property": "properties.a"}, 1)),
    ("_a.b_1 = 1", op("=", {"property": "_a.b_1"}, 1)),
    (":a = 1", op("=", {"property": ":a"}, 1)),
    ("a = '_a .5 1e1' AND \"_a .5\" = .5",
     op("and", op("=", A, "_a .5 1e1"), op("=", {"property": "_a .5"}, 0.5))),
    ("a.b_1 = -.5E+1", op("=", {"property": "a.b_1"}, -5)),
    ("a = 1e200", op("=", A, 1e200)),
    ("a = 5.", op("=", A, 5)),
    ("é_a = 1", op("=", {"property": "é_a"}, 1)),
    ("é = 1", op("=", {"property": "é"}, 1)),
    ("nothing = 1", op("=", {"property": "nothing"}, 1)),
    ("android = 1", op("=", {"property": "android"}, 1)),
    ("inner = 1", op("=", {"property": "inner"}, 1)),
    ('"and" = 1', op("=", {"property": "and"}, 1)),
    ("a  =\n\t1", op("=", A, 1)),
]  # fmt: skip
LOGIC = [
    ("TRUE", True),
    ("false", False),
    ("a", A),
    ("a = 1 AND b = 2", op("and", ONE, TWO)),
    ("a = 1 and b = 2 And a = 1", op("and", ONE, TWO, ONE)),
    ("a = 1 OR b = 2", op("or", ONE, TWO)),
    ("a = 1 AND b = 2 OR a = 1", op("or", op("and", ONE, TWO), ONE)),
    ("a = 1 OR b = 2 AND a = 1", op("or", ONE, op("and", TWO, ONE))),
    ("(a = 1 OR b = 2) AND a = 1", op("and", op("or", ONE, TWO), ONE)),
    ("NOT a = 1", op("not", ONE)),
    ("NOT (a = 1)", op("not", ONE)),
    ("not NOT a = 1", op("not", op("not", ONE))),
    ("NOT a = 1 AND b = 2", op("and", op("not", ONE), TWO)),
    ("NOT (a = 1 AND b = 2)", op("not", op("and", ONE, TWO))),
    ("((((a = 1))))", ONE),
    ("(a = 1) IS NULL", op("isNull", ONE)),
    ("(a = 1 AND b = 2) IS NOT NULL", op("not", op("isNull", op("and", ONE, TWO)))),
]
ADVANCED = [
    ("a LIKE 'x\\%_%'", op("like", A, "x\\%_%")),
    ("a NOT LIKE 'x'", op("not", op("like", A, "x"))),
    ("a BETWEEN 1 AND 2", op("between", A, 1, 2)),
    ("a NOT BETWEEN 1 AND 2", op("not", op("between", A, 1, 2))),
    ("a BETWEEN b + 1 AND 2 * b AND b = 2",
     op("and", op("between", A, op("+", B, 1), op("*", 2, B)), TWO)),
    ("a IN (1, 2)", op("in", A, [1, 2])),
    ("a IN ('x')", op("in", A, ["x"])),
    ("a NOT IN ('x', 'y')", op("not", op("in", A, ["x", "y"]))),
    ("a IN (TRUE, DATE('2020-02-29'))", op("in", A, [True, DAY])),
    ("a IS NULL", op("isNull", A)),
    ("a IS NOT NULL", op("not", op("isNull", A))),
    ("a is null and b is not null", op("and", op("isNull", A), op("not", op("isNull", B)))),
    ("CASEI(a) = CASEI('X')", op("=", op("casei", A), op("casei", "X"))),
    ("accenti(a) = accenti('é')", op("=", op("accenti", A), op("accenti", "é"))),
    ("CASEI(ACCENTI(a)) LIKE CASEI('x%')",
     op("like", op("casei", op("accenti", A)), op("casei", "x%"))),
    ("CASEI(a) IN (CASEI('x'), CASEI('y'))",
     op("in", op("casei", A), [op("casei", "x"), op("casei", "y")])),
]  # fmt: skip
ARITHMETIC = [
    (f"a {sign} 2 = 1", op("=", op(sign, A, 2), 1)) for sign in ("+", "-", "*", "/", "^", "%")
] + [
    ("a DIV 2 = 1", op("=", op("div", A, 2), 1)),
    ("a + b * 2 = 1", op("=", op("+", A, op("*", B, 2)), 1)),
    ("(a + b) * 2 = 1", op("=", op("*", op("+", A, B), 2), 1)),
    ("a - b - 2 = 1", op("=", op("-", op("-", A, B), 2), 1)),
    ("a / b * 2 = 1", op("=", op("*", op("/", A, B), 2), 1)),
    ("a * b ^ 2 = 1", op("=", op("*", A, op("^", B, 2)), 1)),
    ("1 = a % 2", op("=", 1, op("%", A, 2))),
    ("-a = 1", op("=", op("*", -1, A), 1)),
    ("a + 1 > b - -1", op(">", op("+", A, 1), op("-", B, -1))),
]
TEMPORAL = [
    (f"{name.upper()}(datetime, DATE('2020-02-29'))", op(name, T, DAY))
    for name in (
        *("t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals"),
        *("t_finishedBy", "t_finishes", "t_intersects", "t_meets", "t_metBy"),
        *("t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts"),
    )
] + [
    ("datetime > TIMESTAMP('2020-02-29T12:00:00.5Z')", op(">", T, MOMENT)),
    ("DATE('2020-02-29') = datetime", op("=", DAY, T)),
    ("datetime = INTERVAL('2020-01-01', '2020-02-01')",
     op("=", T, {"interval": ["2020-01-01", "2020-02-01"]})),
    ("datetime BETWEEN DATE('2020-02-29') AND TIMESTAMP('2020-02-29T12:00:00.5Z')",
     op("between", T, DAY, MOMENT)),
    ("T_DURING(INTERVAL(start_datetime, end_datetime), INTERVAL('..', '2020-02-01'))",
     op("t_during", {"interval": [START, END]}, {"interval": ["..", "2020-02-01"]})),
    ("t_meets(INTERVAL('2020-01-01T00:00:00Z', '..'), datetime)",
     op("t_meets", {"interval": ["2020-01-01T00:00:00Z", ".."]}, T)),
]  # fmt: skip
SPATIAL = [
    (f"{name.upper()}(geometry, POINT(1 2))", op(name, G, POINT))
    for name in (
        *("s_contains", "s_crosses", "s_disjoint", "s_equals", "s_intersects", "s_overlaps"),
        *("s_touches", "s_within"),
    )
] + [
    (f"S_INTERSECTS(geometry, {wkt})", op("s_intersects", G, geometry))
    for wkt, geometry in [
        ("BBOX(-10, 0, 10.5, 20)", {"bbox": [-10, 0, 10.5, 20]}),
        ("BBOX(170,-10,-170,10)", {"bbox": [170, -10, -170, 10]}),
        ("POINT (1 2)", POINT),
        ("POINT Z(1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
        ("point(-1.5e1 +2)", {"type": "Point", "coordinates": [-15, 2]}),
        ("POINT(.5 -.25)", {"type": "Point", "coordinates": [0.5, -0.25]}),
        ("LINESTRING(0 0, 1.5 -1)", {"type": "LineString", "coordinates": LINE}),
        ("POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
         {"type": "Polygon", "coordinates": [RING, HOLE]}),
        ("MULTIPOINT(0 0, 1.5 -1)", {"type": "MultiPoint", "coordinates": LINE}),
        ("MULTIPOINT((0 0), (1.5 -1))", {"type": "MultiPoint", "coordinates": LINE}),
        ("MULTILINESTRING((0 0, 1.5 -1), (0 0, 1.5 -1))",
         {"type": "MultiLineString", "coordinates": [LINE, LINE]}),
        ("MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((1 1,2 1,2 2,1 1)))",
         {"type": "MultiPolygon", "coordinates": [[RING], [HOLE]]}),
        ("GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1.5 -1))",
         {"type": "GeometryCollection",
          "geometries": [POINT, {"type": "LineString", "coordinates": LINE}]}),
    ]
] + [
    ("S_WITHIN(POINT(1 2), geometry)", op("s_within", POINT, G)),
    ("S_EQUALS(geometry, geometry)", op("s_equals", G, G)),
]  # fmt: skip
ARRAYS = [
    (f"{name.upper()}(a, ('x', 'y'))", op(name, A, ["x", "y"]))
    for name in ("a_equals", "a_contains", "a_containedBy", "a_overlaps")
] + [
    ("A_CONTAINS(a, ('x'))", op("a_contains", A, ["x"])),
    ("A_CONTAINS(a, (1, TRUE, -2.5))", op("a_contains", A, [1, True, -2.5])),
    ("A_CONTAINS(('x', 'y'), a)", op("a_contains", ["x", "y"], A)),
    ("A_OVERLAPS(a, b)", op("a_overlaps", A, B)),
    ("A_EQUALS(a, ())", op("a_equals", A, [])),
    ("A_EQUALS((), a)", op("a_equals", [], A)),
    ("A_CONTAINS(a, (DATE('2020-02-29'), 'x'))", op("a_contains", A, [DAY, "x"])),
]
FORMS = [*COMPARISONS, *LOGIC, *ADVANCED, *ARITHMETIC, *TEMPORAL, *SPATIAL, *ARRAYS]


@pytest.mark.parametrize(("text", "json"), FORMS, ids=[text[:60] for text, _ in FORMS])
def test_text_is_json_and_back(text: str, json: Any) -> None:
    found = cql2.parse(text)
    assert found.root == cql2.parse(json, "cql2-json").root
    again = cql2.parse(found.text())
    assert again.root == found.root, found.text()
    from_json = cql2.parse(json, "cql2-json").text()
    assert cql2.parse(from_json).root == found.root, from_json
