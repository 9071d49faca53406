"""Documents and CQL2 JSON expressions for hypothesis: few values each, so that they often meet."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

LONGITUDES = [-180, -175, -170, -60, -10, 0, 5, 10, 60, 170, 175, 180]
LATITUDES = [-90, -45, 0, 5, 10, 45, 90]
TEXTS = ["", "a", "A", "Été", "ete", "ETE\u0301", "Straße", "STRASSE", "Øre", "øre", "a%b", "a_b"]
TEXTS += ["a\\b", "O'Brien", '"q"', "ΣΑΣ", "σας", "Жук", "жУК", "x" * 40, "日本", "10", "\n"]
NUMBERS = [-3, -1, 0, 1, 2, 2.5, 3, 10, 0.1, 0.3, 1e200, 1e-200, 9007199254740993, -0.5]
MOMENTS = [datetime(1700, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)]
MOMENTS += [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=12 * n) for n in range(9)]
DATES = ["2020-01-01", "2020-01-02", "2020-01-04", "2019-12-31", "1700-01-01"]
STAMPS = ["2020-01-01T12:00:00+02:00", "2020-01-02T00:00:00.0000001Z", "2020-01-02t12:00:00z"]
NO_TIMES = ["2020-02-30", "2019-02-29T00:00:00Z", "2020-01-01T25:00:00Z", "2020", "soon", ""]


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


TIME_TEXTS = [stamp(moment) for moment in MOMENTS] + DATES + STAMPS


def some(values: Any) -> Strategy:
    return st.sampled_from(list(values))


def box(x0: float, y0: float, x1: float, y1: float) -> list[Any]:
    return [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]


@st.composite
def spans(draw: Any, values: list[int]) -> tuple[int, int]:
    one, two = draw(st.lists(some(values), min_size=2, max_size=2, unique=True))
    return min(one, two), max(one, two)


@st.composite
def geometries(draw: Any) -> dict[str, Any]:
    (x0, x1), (y0, y1) = draw(spans(LONGITUDES)), draw(spans(LATITUDES))
    west, east = draw(some([165, 170, 175])), draw(some([182, 185, 195]))
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return {"type": "Point", "coordinates": [x0, y0]}
    if kind == 1:
        return {"type": "LineString", "coordinates": [[x0, y0], [x1, y1]]}
    if kind == 2:
        return {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x0, y1], [x0, y0]]]}
    if kind == 3:
        return {"type": "MultiPoint", "coordinates": [[x0, y0], [x1, y1]]}
    if kind == 4:
        return {"type": "Polygon", "coordinates": box(west, y0, east, y1)}
    if kind == 5:
        both = [box(west, y0, 180, y1), box(-180, y0, east - 360, y1)]
        return {"type": "MultiPolygon", "coordinates": both}
    return {"type": "Polygon", "coordinates": box(x0, y0, x1, y1)}


@st.composite
def boxes(draw: Any) -> dict[str, Any]:
    (x0, x1), (y0, y1) = draw(spans(LONGITUDES)), draw(spans(LATITUDES))
    crosses = draw(st.integers(0, 3)) == 0 and x1 < 180 and x0 > -180
    return {"bbox": [x1, y0, x0, y1] if crosses else [x0, y0, x1, y1]}


@st.composite
def times(draw: Any) -> tuple[datetime | None, datetime | None]:
    one, two = sorted(draw(st.lists(some(MOMENTS), min_size=2, max_size=2)))
    return draw(some([(one, one), (one, one), (one, two), (one, None), (None, one), (None, None)]))


def scalars() -> Strategy:
    return st.none() | st.booleans() | some(NUMBERS) | some(TEXTS[:12]) | some(TIME_TEXTS)


def arrays() -> Strategy:
    items = some(["a", "b", "c", 1, 1.0, 2, True, None, "2020-01-01", ["a"], {"a": 1}])
    return st.lists(items, max_size=4)


@st.composite
def properties(draw: Any) -> dict[str, Any]:
    made = {
        "n": draw(some(NUMBERS) | scalars()),
        "m": draw(some(NUMBERS)),
        "s": draw(some(TEXTS)),
        "t": draw(some(TEXTS) | scalars()),
        "flag": draw(st.booleans() | scalars()),
        "tags": draw(arrays() | scalars()),
        "more": draw(arrays()),
        "created": draw(some(TIME_TEXTS) | some(NO_TIMES) | scalars()),
        "when": draw(some(TIME_TEXTS) | some(NO_TIMES)),
        "nest": draw(st.fixed_dictionaries({"k": scalars()}) | scalars()),
    }
    if draw(st.integers(0, 3)) == 0:
        made["nest.k"] = draw(scalars())
    gone = draw(st.sets(some(made), max_size=4))
    return {name: value for name, value in made.items() if name not in gone}


@st.composite
def documents(draw: Any) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 10))):
        start, end = draw(times())
        made.append(
            {
                "id": f"i{number}",
                "collection": draw(some(["c1", "c2", "é.3"])),
                "geometry": draw(st.none() | geometries()),
                "start": start,
                "end": end,
                "properties": draw(properties()),
            }
        )
    return made


def prop(*names: str) -> Strategy:
    return some(names).map(lambda name: {"property": name})


def call(op: Strategy, *args: Strategy) -> Strategy:
    return st.builds(lambda op, args: {"op": op, "args": list(args)}, op, st.tuples(*args))


COMPARISONS = some(["=", "<>", "<", ">", "<=", ">="])
numbers = some(NUMBERS)
texts = some(TEXTS)
number_props = prop("n", "m", "nest.k", "t", "missing", "properties.m")
text_props = prop("s", "t", "nest.k", "id", "collection", "n", "missing")
terms = st.recursive(
    number_props | numbers,
    lambda inner: (
        call(some(["+", "-", "*", "/", "%", "div"]), inner, inner)
        | call(st.just("^"), inner, some([-2, 0, 1, 2, 3]))
    ),
    max_leaves=4,
)
fold_names = some(["casei", "accenti"])
folds = call(fold_names, text_props) | call(fold_names, call(fold_names, text_props))
folded = call(fold_names, texts) | call(fold_names, call(fold_names, texts))
patterns = some(
    ["%", "a%", "%e", "_", "%t%", "a\\%b", "a\\_b", "a\\\\b", "É%", "%SS%", "x%x%x", ""]
)
patterns |= call(some(["casei", "accenti"]), some(["É%", "%SS%", "øR_", "A%"]))

time_props = prop("datetime", "datetime", "start_datetime", "end_datetime", "created", "when", "n")
stamps = some(MOMENTS).map(lambda moment: {"timestamp": stamp(moment)})
instants = stamps | some(DATES).map(lambda text: {"date": text})
ends = some([*(stamp(moment) for moment in MOMENTS), *DATES[:3]])


def _ordered(pair: tuple[Any, Any]) -> dict[str, Any]:
    return {"interval": sorted(pair)}


intervals = st.tuples(ends, ends).map(_ordered)
intervals |= ends.map(lambda end: {"interval": [end, ".."]})
intervals |= ends.map(lambda end: {"interval": ["..", end]})
whole = {"interval": [{"property": "start_datetime"}, {"property": "end_datetime"}]}
spanned = st.just(whole) | some(DATES[:3]).map(
    lambda text: {"interval": [{"property": "created"}, text]}
)
spanned |= st.just({"interval": [{"property": "end_datetime"}, ".."]})
spanned |= st.just({"interval": [{"property": "when"}, {"property": "end_datetime"}]})
TEMPORAL = ["t_after", "t_before", "t_disjoint", "t_equals", "t_intersects", "t_contains"]
TEMPORAL += ["t_during", "t_finishedBy", "t_finishes", "t_meets", "t_metBy", "t_overlappedBy"]
TEMPORAL += ["t_overlaps", "t_startedBy", "t_starts"]
SPATIAL = ["s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps"]
SPATIAL += ["s_crosses", "s_contains"]
temporal, spatial = some(TEMPORAL), some(["s_intersects", *SPATIAL])
array = some(["a_equals", "a_contains", "a_containedBy", "a_overlaps"])
listed = st.lists(some(["a", "b", 1, 2.0, True, {"date": "2020-01-01"}, ["a"]]), max_size=3)
array_values = prop("tags", "more", "s", "missing") | listed
places = st.just({"property": "geometry"})
shapes = geometries() | boxes()


def _plain_dates(node: Any) -> Any:
    """Dates in arrays are their texts; the oracle knows them so."""
    node["args"] = [
        [item["date"] if isinstance(item, dict) else item for item in arg]
        if isinstance(arg, list)
        else arg
        for arg in node["args"]
    ]
    return node


time_values = time_props | instants | intervals | spanned
leaves = st.one_of(
    call(COMPARISONS, terms, terms),
    call(COMPARISONS, number_props, numbers),
    call(COMPARISONS, text_props, texts),
    call(COMPARISONS, folds, folded),
    call(COMPARISONS, prop("s", "t", "n", "nest.k", "flag"), prop("m", "t", "s", "nest.k")),
    call(COMPARISONS, prop("flag", "t"), st.booleans()),
    call(COMPARISONS, time_props, instants),
    call(COMPARISONS, time_props, intervals | time_props),
    call(COMPARISONS, prop("datetime", "created"), ends),
    call(st.just("like"), text_props | folds, patterns),
    call(st.just("between"), number_props, numbers, terms),
    call(st.just("between"), prop("datetime", "created", "when"), instants, instants),
    call(st.just("between"), text_props, texts, texts),
    call(st.just("in"), text_props | folds, st.lists(texts, min_size=1, max_size=4)),
    call(st.just("in"), number_props, st.lists(numbers | texts, min_size=1, max_size=3)),
    call(st.just("in"), prop("id"), st.lists(some(["i0", "i1", "i3"]), min_size=1, max_size=3)),
    call(st.just("in"), time_props, st.lists(instants, min_size=1, max_size=2)),
    call(st.just("="), prop("collection"), some(["c1", "c2", "é.3", "c9"])),
    call(st.just("isNull"), prop("n", "geometry", "datetime", "end_datetime", "created", "nest.k")),
    call(st.just("isNull"), terms | folds),
    call(temporal, time_values, time_values),
    call(temporal, prop("datetime"), instants | intervals),
    call(array, array_values, array_values).map(_plain_dates),
    call(spatial, places, shapes),
    call(spatial, shapes, places),
    call(spatial, places, shapes),
    prop("flag", "t", "missing"),
    st.booleans(),
)
expressions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(
            lambda op, args: {"op": op, "args": args},
            some(["and", "and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | call(st.just("not"), inner)
        | call(st.just("isNull"), call(st.just("not"), inner))
    ),
    max_leaves=6,
)
