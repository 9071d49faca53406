"""CQL2 JSON expressions over given documents, made so that most of them tell documents apart.

Literals mostly come from the documents, and of several conditions the first one is taken for which
some documents match and some do not.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shapely.geometry import mapping

from tests.common.cql2 import documents as data
from tests.common.cql2.documents import Doc, stamp
from tests.common.cql2.oracle import Oracle, as_time, plain_name, property_at, shape_of

COMPARISONS = ["=", "<>", "<", ">", "<=", ">="]
ARITHMETIC = ["+", "-", "*", "/", "%", "div", "^"]
TEMPORAL = ["t_after", "t_before", "t_disjoint", "t_equals", "t_intersects", "t_contains"]
TEMPORAL += ["t_during", "t_finishedBy", "t_finishes", "t_meets", "t_metBy", "t_overlappedBy"]
TEMPORAL += ["t_overlaps", "t_startedBy", "t_starts"]
SPATIAL = ["s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps"]
SPATIAL += ["s_crosses", "s_contains"]
ARRAYS = ["a_equals", "a_contains", "a_containedBy", "a_overlaps"]
NUMBERS = ["gsd", "n", "eo:cloud_cover", "nest.k", "properties.gsd", "t"]
TEXTS = ["s", "t", "title", "nest.k", "id", "properties.title", "n"]
PLAIN = ["gsd", "n", "s", "t", "title", "flag", "nest.k", "when", "created", "eo:cloud_cover"]
TRIES = 4


@dataclass(frozen=True)
class Names:
    """What the API calls the columns; ``absent`` are names that no document has."""

    time: str = "datetime"
    ends: tuple[str, ...] = ("start_datetime", "end_datetime")
    part: str = "collection"
    absent: tuple[str, ...] = ("missing",)


def call(op: str, *args: Any) -> Doc:
    return {"op": op, "args": list(args)}


def prop(name: str) -> Doc:
    return {"property": name}


class Expressions:
    def __init__(self, rng: random.Random, docs: list[Doc], oracle: Oracle, names: Names) -> None:
        self.rng, self.docs, self.oracle, self.names = rng, docs, oracle, names
        self.choice = rng.choice
        self.leaves: dict[str, Any] = {
            name.removeprefix("leaf_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("leaf_")
        }
        for op in COMPARISONS:
            self.leaves[f"number {op}"] = lambda op=op: self._number(op)
            self.leaves[f"text {op}"] = lambda op=op: self._text(op)
            self.leaves[f"time {op}"] = lambda op=op: self._time(op)
            self.leaves[f"property {op}"] = lambda op=op: self._properties(op)
        for op in ARITHMETIC:
            self.leaves[op] = lambda op=op: self._calculation(op)
        for op in TEMPORAL:
            self.leaves[op] = lambda op=op: self._temporal(op)
        for op in SPATIAL:
            self.leaves[op] = lambda op=op: self._spatial(op)
        for op in ARRAYS:
            self.leaves[op] = lambda op=op: self._array(op)

    def expression(self) -> Any:
        return self._telling(lambda: self._any(2))

    def leaf(self, kind: str) -> Any:
        return self._telling(self.leaves[kind], 5 * TRIES)

    def _telling(self, make: Any, tries: int = TRIES) -> Any:
        for _ in range(tries):
            found = make()
            if 0 < sum(self.oracle.holds(found, doc) is True for doc in self.docs) < len(self.docs):
                break
        return found

    def _any(self, depth: int) -> Any:
        way = self.rng.random() if depth else 0
        if way < 0.45:
            return self._telling(self.choice(list(self.leaves.values())))
        if way < 0.62:
            return call("not", self._any(depth - 1))
        if way < 0.66:
            return call("isNull", call("not", self._any(depth - 1)))
        if way < 0.67:
            return self.choice([True, False])
        count = self.choice([1, 2, 2, 2, 3])
        return call(self.choice(["and", "or"]), *(self._any(depth - 1) for _ in range(count)))

    def _turned(self, op: str, one: Any, two: Any) -> Doc:
        return call(op, two, one) if self.rng.random() < 0.3 else call(op, one, two)

    def _in_data(self, name: str) -> Any:
        """A value of that name in a document."""
        doc = self.choice(self.docs)
        if name in ("id", self.names.part):
            return doc["id" if name == "id" else "collection"]
        return property_at(doc["properties"], plain_name(name))

    # Numbers

    def _a_number(self, name: str) -> Any:
        found = self._in_data(name)
        if self.rng.random() < 0.2 or isinstance(found, bool) or not isinstance(found, int | float):
            return self.choice(data.NUMBERS)
        return found

    def _named(self, names: list[str]) -> str:
        every = [*names, self.names.part] if "id" in names and self.names.part else names
        return self.choice([*every, *self.names.absent])

    def _number(self, op: str) -> Doc:
        name = self._named(NUMBERS)
        return self._turned(op, prop(name), self._a_number(name))

    def _calculation(self, op: str) -> Doc:
        """Compared with what it gives for one of the documents, rather a small one."""
        found = self._arithmetic(op)
        values = [self.oracle.value(found, self.choice(self.docs)) for _ in range(3)]
        value = min((one for one in values if one is not None), key=abs, default=None)
        if value is None or self.rng.random() < 0.2:
            value = self.choice(data.NUMBERS[:11])
        if self.rng.random() < 0.2:
            value = self._arithmetic(self.choice(["+", "-", "*"]))
        return self._turned(self.choice(COMPARISONS), found, value)

    def _arithmetic(self, op: str) -> Doc:
        left = self._term()
        if op == "^":
            return call(op, left, self.choice([-2, -1, 0, 0.5, 1, 2, 3]))
        right = self._term() if self.rng.random() < 0.7 else prop(self.choice(NUMBERS))
        return call(op, left, right)

    def _term(self) -> Any:
        name = self._named(NUMBERS)
        ways = [prop(name), prop(name), prop(name), self._a_number(name)]
        inner = call(self.choice(ARITHMETIC[:6]), prop(name), self._a_number(name))
        return self.choice([*ways, inner])

    def leaf_boolean(self) -> Doc:
        name = self._named(["flag", "flag", "t", "nest.k"])
        return self._turned(self.choice(COMPARISONS), prop(name), self.choice([True, False]))

    def leaf_flag(self) -> Doc:
        return prop(self._named(["flag", "flag", "flag", "nest.k", "t"]))

    def leaf_between(self) -> Doc:
        name = self._named(NUMBERS)
        low, high = sorted([self._a_number(name), self._a_number(name)])
        limits = [low, high if self.rng.random() < 0.7 else self._arithmetic("+")]
        return call("between", prop(name), *limits)

    def leaf_in_numbers(self) -> Doc:
        name = self._named(NUMBERS)
        return call("in", prop(name), [self._a_number(name) for _ in range(3)])

    # Texts

    def _a_text(self, name: str) -> str:
        found = self._in_data(name)
        return found if isinstance(found, str) else self.choice(data.TEXTS)

    def _text(self, op: str) -> Doc:
        name = self._named(TEXTS)
        return self._turned(op, prop(name), self._a_text(name))

    def leaf_in_texts(self) -> Doc:
        name = self._named(TEXTS)
        return call("in", prop(name), [self._a_text(name) for _ in range(3)])

    def leaf_in_anything(self) -> Doc:
        name = self._named(["t", "n", "nest.k"])
        values = [self._a_text(name), self._a_number(name), self.choice([True, False])]
        return call("in", prop(name), values)

    def leaf_in_folded(self) -> Doc:
        name, folds = self._named(["s", "title"]), self._folds()
        values = [_folded(folds, self._spelled(self._a_text(name))) for _ in range(3)]
        return call("in", _folded(folds, prop(name)), values)

    def leaf_between_texts(self) -> Doc:
        name = self._named(TEXTS)
        low, high = sorted([self._a_text(name), self._a_text(name)])
        return call("between", prop(name), low, high)

    def leaf_column(self) -> Doc:
        name = self.choice(["id", self.names.part or "id"])
        if self.rng.random() < 0.5:
            return call("in", prop(name), [self._a_text(name) for _ in range(4)])
        return self._turned(self.choice(["=", "<>"]), prop(name), self._a_text(name))

    def _folds(self) -> list[str]:
        ways = [["casei"], ["accenti"], ["casei", "accenti"], ["accenti", "casei"]]
        return self.choice(ways)

    def _spelled(self, text: str) -> str:
        """Otherwise, but much alike."""
        swap = str.maketrans("éÉØøeEŁł", "eEOoéÉLl")
        ways = [text.upper(), text.lower(), text.swapcase(), text, text.translate(swap)]
        return self.choice(ways)

    def leaf_casei(self) -> Doc:
        return self._fold(["casei"])

    def leaf_accenti(self) -> Doc:
        return self._fold(["accenti"])

    def leaf_both_folds(self) -> Doc:
        return self._fold(self.choice([["casei", "accenti"], ["accenti", "casei"]]))

    def _fold(self, folds: list[str]) -> Doc:
        name = self._named(["s", "title", "t", "id"])
        text = self.choice(data.FOLDED) if self.rng.random() < 0.4 else self._a_text(name)
        other: Any = self._spelled(text)
        if self.rng.random() < 0.15:
            other = prop("s")
        op = self.choice(["=", "=", "<>", "<", ">="])
        return self._turned(op, _folded(folds, prop(name)), _folded(folds, other))

    def leaf_like(self) -> Doc:
        name = self._named(TEXTS)
        text = self.choice(data.SIGNS) if self.rng.random() < 0.4 else self._a_text(name)
        return call("like", prop(name), self._pattern(text))

    def leaf_like_folded(self) -> Doc:
        name, folds = self._named(["s", "title", "t"]), self._folds()
        pattern = self._pattern(self._spelled(self._a_text(name)))
        return call("like", _folded(folds, prop(name)), _folded(folds, pattern))

    def _pattern(self, text: str) -> str:
        """Made of a text that it fits, mostly."""
        signs = [f"\\{c}" if c in "%_\\" and self.rng.random() < 0.7 else c for c in text]
        for _ in range(self.rng.randrange(3)):
            start = self.rng.randrange(len(signs) + 1)
            end = min(len(signs), start + self.rng.randrange(4))
            signs[start:end] = ["%"] if self.rng.random() < 0.6 else ["_"] * (end - start)
        return "".join(signs)

    def leaf_is_null(self) -> Doc:
        names = [*PLAIN, "geometry", "tags", "nest", self.names.time, *self.names.ends, "id"]
        return call("isNull", prop(self._named(names)))

    def leaf_no_value(self) -> Doc:
        folded = _folded(self._folds(), prop(self._named(["t", "s", "nest.k"])))
        return call("isNull", self.choice([folded, self._arithmetic(self.choice(ARITHMETIC))]))

    def _properties(self, op: str) -> Doc:
        one, two = self._named(PLAIN), self._named(PLAIN)
        pairs = [(one, two), ("s", "title"), ("gsd", "n"), ("t", "s"), ("created", "when")]
        one, two = self.choice(pairs)
        return call(op, prop(one), prop(two))

    # Times

    def _moment(self) -> str:
        """As text, that of a document mostly."""
        doc = self.choice(self.docs)
        found = doc[self.choice(["start", "end"])]
        if found is None or self.rng.random() < 0.2:
            return self.choice(data.TIME_TEXTS)
        found += timedelta(microseconds=self.choice([0, 0, 0, 0, 1, -1]))
        return stamp(found)

    def _instant(self) -> Doc:
        text = self._moment() if self.rng.random() < 0.6 else self._created()
        is_day = len(text) == 10 or self.rng.random() < 0.25
        return {"date": text[:10]} if is_day else {"timestamp": text}

    def _created(self) -> str:
        found = self._in_data("created")
        return found if found in data.TIME_TEXTS else self.choice(data.TIME_TEXTS)

    def _interval(self) -> Doc:
        doc = self.choice(self.docs)
        start, end = doc["start"], doc["end"]
        if self.rng.random() < 0.3 and (start or end):
            return {"interval": [stamp(start) if start else "..", stamp(end) if end else ".."]}
        one, two = sorted([self._moment(), self._moment()], key=as_time)
        return {"interval": self.choice([[one, two], [one, two], [one, ".."], ["..", two]])}

    def _span(self) -> Doc:
        """With a property at one end or both."""
        start, end = self.names.ends or ("created", "when")
        ways = [[prop(start), prop(end)], [prop(start), prop(end)], ["..", prop(end)]]
        ways += [[prop("created"), self.choice(data.DATES)], [prop("when"), prop(end)]]
        ways += [[prop(start), ".."], [prop("created"), prop("when")]]
        return {"interval": self.choice(ways)}

    def _time_name(self) -> str:
        often = [self.names.time] * 3
        return self.choice([*often, *self.names.ends, "created", "created", "when"])

    def _time(self, op: str) -> Doc:
        name = self._time_name()
        values = [self._instant, self._instant, self._interval, lambda: prop(self._time_name())]
        if name not in ("when", "t"):
            values.append(self._moment)
        return self._turned(op, prop(name), self.choice(values)())

    def _temporal(self, op: str) -> Doc:
        others = [self._instant, self._interval, self._interval, self._span]
        others.append(lambda: prop(self._time_name()))
        one = prop(self._time_name()) if self.rng.random() < 0.75 else self._span()
        return self._turned(op, one, self.choice(others)())

    def leaf_between_times(self) -> Doc:
        one, two = sorted([self._moment(), self._moment()], key=as_time)
        ends = [{"date" if len(text) == 10 else "timestamp": text} for text in (one, two)]
        return call("between", prop(self._time_name()), *ends)

    def leaf_in_times(self) -> Doc:
        name = self._time_name()
        if name != "when" and self.rng.random() < 0.4:  # Texts mean times where times are known.
            return call("in", prop(name), [self._moment() for _ in range(3)])
        return call("in", prop(name), [self._instant() for _ in range(3)])

    # Places

    def _spatial(self, op: str) -> Doc:
        place = prop("geometry")
        return self._turned(op, place, place if self.rng.random() < 0.03 else self._shape())

    def _shape(self) -> Doc:
        """Something about the place of a document: itself, its box, a corner, beside it."""
        geometry = self.choice(self.docs)["geometry"]
        if geometry is None or self.rng.random() < 0.25:
            return self.choice([self.geometry, self.box, self.box])()
        shape = shape_of(geometry)
        west, south, east, north = shape.bounds
        found = [geometry, {"bbox": [west, south, east, north]}, _about(shape.point_on_surface())]
        found.append({"type": "Point", "coordinates": [west, south]})
        if east > west and north > south:
            diagonal = {"type": "LineString", "coordinates": [[west, south], [east, north]]}
            found += [data.polygon(west, south, east, north), diagonal]
        if shape.geom_type == "Polygon":
            found.append(_about(shape.boundary))
        by = self.choice([-5, 5, 10, east - west])
        if west + by >= -180 and east + by <= 190:
            found += [_moved(geometry, by), _moved(geometry, by)]
        return self.choice(found)

    def geometry(self) -> Doc:
        return data.Documents(self.rng).geometry()

    def box(self) -> Doc:
        made = data.Documents(self.rng)
        (x0, x1), (y0, y1) = made.span(data.LONGITUDES), made.span(data.LATITUDES)
        crosses = self.rng.random() < 0.25 and x1 < 180 and x0 > -180
        return {"bbox": [x1, y0, x0, y1] if crosses else [x0, y0, x1, y1]}

    # Arrays

    def _array(self, op: str) -> Doc:
        name = self._named(["tags", "tags", "more", "keywords", "nest", "s"])
        other: Any = self._elements(name)
        if self.rng.random() < 0.2:
            other = prop(self.choice(["tags", "more", "keywords"]))
        return self._turned(op, prop(name), other)

    def _elements(self, name: str) -> list[Any]:
        found = self._in_data(name)
        items = list(found) if isinstance(found, list) else self.rng.choices(data.ELEMENTS, k=2)
        items = [item for item in items if item is not None and not isinstance(item, dict)]
        self.rng.shuffle(items)
        cut = items[: self.rng.randrange(1, 4)] if self.rng.random() < 0.5 else items
        return cut + (["b"] if self.rng.random() < 0.2 else [])


def _folded(folds: list[str], value: Any) -> Any:
    for fold in folds:
        value = call(fold, value)
    return value


def _about(shape: Any) -> Doc:
    found: Doc = _listed(mapping(shape))
    return found


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, list | tuple) else value


def _moved(node: Doc, east: float) -> Doc:
    if "geometries" in node:
        return {**node, "geometries": [_moved(one, east) for one in node["geometries"]]}
    return {**node, "coordinates": _shifted(node["coordinates"], east)}


def _shifted(value: Any, east: float) -> Any:
    if isinstance(value[0], list):
        return [_shifted(inner, east) for inner in value]
    return [value[0] + east, *value[1:]]
