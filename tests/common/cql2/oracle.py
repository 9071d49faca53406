"""What a CQL2 filter means, said again in plain Python on plain documents, with shapely.

It shares no code with the library: neither its parser, its SQL nor its evaluator. Documents are
dictionaries: ``id``, ``collection``, ``geometry`` (GeoJSON or None), ``start`` and ``end``
(datetimes or None; both None is "no time") and ``properties``. Conditions give True, False or None
(unknown).
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import shapely
from shapely.affinity import translate

STROKES = str.maketrans("øØđĐħĦłŁ", "oOdDhHlL")
EVER, NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


class Time(tuple):
    """First and last instant."""


@dataclass
class Oracle:
    """``kinds``: what properties are known to be: "time", "text", "number", ...

    ``time``, ``ends`` and ``part`` are what the API calls the columns.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    time: str = "datetime"
    ends: tuple[str, ...] = ("start_datetime", "end_datetime")
    part: str = "collection"
    shapes: dict[int, tuple[Any, shapely.Geometry]] = field(default_factory=dict)

    def holds(self, node: Any, doc: dict[str, Any]) -> bool | None:
        if isinstance(node, bool):
            return node
        if "property" in node:
            found = self.value(node, doc)
            return found if isinstance(found, bool) else None
        op, args = node["op"].lower(), node["args"]
        if op in ("and", "or"):
            return _joined(op, [self.holds(arg, doc) for arg in args])
        if op == "not":
            inner = self.holds(args[0], doc)
            return None if inner is None else not inner
        if op == "isnull":
            return self._is_null(args[0], doc)
        if op == "in":
            return _joined("or", [self._compare("=", args[0], arg, doc) for arg in args[1]])
        if op == "between":
            low = self._compare(">=", args[0], args[1], doc)
            return _joined("and", [low, self._compare("<=", args[0], args[2], doc)])
        if op == "like":
            return self._like(args, doc)
        if op in ("=", "<>", "<", ">", "<=", ">="):
            return self._compare(op, *args, doc)
        return self._related(op, *args, doc)

    def _is_null(self, node: Any, doc: dict[str, Any]) -> bool:
        ops = ("casei", "accenti", "+", "-", "*", "/", "%", "div", "^")
        if isinstance(node, dict) and "op" in node and node["op"] not in ops:
            return self.holds(node, doc) is None
        named = isinstance(node, dict) and "property" in node
        name = plain_name(node["property"]) if named else ""
        if property_at(doc["properties"], name) is not None:
            return False  # It is there, whatever it is.
        return self.value(node, doc) is None

    def _like(self, args: list[Any], doc: dict[str, Any]) -> bool | None:
        text, pattern = self.value(args[0], doc), self.value(args[1], doc)
        return _matches(text, pattern) if isinstance(text, str) else None

    def _compare(self, op: str, left: Any, right: Any, doc: dict[str, Any]) -> bool | None:
        one = self._of_kind(left, self.value(left, doc))
        two = self._of_kind(right, self.value(right, doc))
        if self._is_time(left) or self._is_time(right):
            return _order(op, as_time(one), as_time(two))
        if _calculates(left) or _calculates(right):
            one, two = _calculable(one), _calculable(two)
        if one is None or two is None or _type(one) != _type(two) or _type(one) == "other":
            return None
        return {"=": one == two, "<>": one != two, "<": one < two, ">": one > two}.get(
            op, one <= two if op == "<=" else one >= two
        )

    def _of_kind(self, node: Any, value: Any) -> Any:
        """No value where the queryable is said to be of another kind."""
        named = isinstance(node, dict) and "property" in node
        kind = self.kinds.get(plain_name(node["property"])) if named else None
        return None if kind in ("number", "text") and _type(value) != kind else value

    def _is_time(self, node: Any) -> bool:
        if not isinstance(node, dict):
            return False
        name = node.get("property")
        is_known = isinstance(name, str) and self.kinds.get(plain_name(name)) == "time"
        return is_known or any(key in node for key in ("timestamp", "date", "interval"))

    def _related(self, op: str, left: Any, right: Any, doc: dict[str, Any]) -> bool | None:
        one, two = self.value(left, doc), self.value(right, doc)
        if op.startswith("t_"):
            one, two = as_time(one), as_time(two)
            return None if one is None or two is None else _TIMES[op](*one, *two)
        if op.startswith("a_"):
            if not isinstance(one, list) or not isinstance(two, list):
                return None
            return _sets(op, one, two)
        if one is None or two is None:
            return None
        return bool(getattr(shapely, op[2:])(one, two))

    def value(self, node: Any, doc: dict[str, Any]) -> Any:
        if not isinstance(node, dict):
            return node
        if "property" in node:
            return self._property(plain_name(node["property"]), doc)
        if "timestamp" in node:
            return Time((_instant(node["timestamp"]),) * 2)
        if "date" in node:
            return _day(node["date"])
        if "interval" in node:
            return self._interval(node["interval"], doc)
        if "op" in node:
            return self._calculated(node["op"].lower(), node["args"], doc)
        return self.shape(node)

    def shape(self, node: dict[str, Any]) -> shapely.Geometry:
        """Of a node that is asked for again and again."""
        if id(node) not in self.shapes:
            self.shapes[id(node)] = (node, shape_of(node))
        return self.shapes[id(node)][1]

    def _property(self, name: str, doc: dict[str, Any]) -> Any:
        if name in ("id", self.part):
            return doc["id" if name == "id" else "collection"]
        if name == "geometry":
            return None if doc["geometry"] is None else self.shape(doc["geometry"])
        if name == self.time:
            start, end = doc["start"], doc["end"]
            return Time((start or NEVER, end or EVER)) if start or end else None
        if name in self.ends:
            found = doc["start" if name == self.ends[0] else "end"]
            return None if found is None else Time((found, found))
        found = property_at(doc["properties"], name)
        return as_time(found) if self.kinds.get(name) == "time" else found

    def _interval(self, ends: list[Any], doc: dict[str, Any]) -> Time | None:
        found = []
        for index, end in enumerate(ends):
            if end == "..":
                found.append((NEVER, EVER)[index])
                continue
            value = as_time(self.value(end, doc))
            timed = doc["start"] is not None or doc["end"] is not None
            if value is None and self._is_column_end(end) and timed:
                found.append(NEVER if end["property"] == self.ends[0] else EVER)
                continue
            if value is None:
                return None
            found.append(value[index])
        return Time(found)

    def _is_column_end(self, node: Any) -> bool:
        return isinstance(node, dict) and node.get("property") in self.ends

    def _calculated(self, op: str, args: list[Any], doc: dict[str, Any]) -> Any:
        if op in ("casei", "accenti"):
            return self._folded({"op": op, "args": args}, doc)
        one, two = (_calculable(self.value(arg, doc)) for arg in args)
        return None if one is None or two is None else _number(op, one, two)

    def _folded(self, node: Any, doc: dict[str, Any]) -> Any:
        wanted = set()
        while isinstance(node, dict) and node.get("op") in ("casei", "accenti"):
            wanted.add(node["op"])
            node = node["args"][0]
        text = self.value(node, doc)
        if not isinstance(text, str):
            return None
        if "accenti" in wanted:
            apart = unicodedata.normalize("NFD", text.translate(STROKES))
            text = "".join(c for c in apart if not unicodedata.combining(c))
        return text.casefold() if "casei" in wanted else text


def plain_name(name: str) -> str:
    return name.removeprefix("properties.")


def property_at(properties: Any, name: str) -> Any:
    if name in properties:
        return properties[name]
    for key in name.split("."):
        properties = properties.get(key) if isinstance(properties, dict) else None
    return properties


def _joined(op: str, found: list[bool | None]) -> bool | None:
    decides = op == "or"
    if decides in found:
        return decides
    return None if None in found else not decides


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "other"


def _calculates(node: Any) -> bool:
    return isinstance(node, dict) and node.get("op") in ("+", "-", "*", "/", "%", "div", "^")


def _calculable(value: Any) -> float | None:
    if _type(value) != "number":
        return None
    return float(value) if value == 0 or 1e-150 <= abs(value) <= 1e150 else None


def _number(op: str, one: float, two: float) -> float | None:
    if op in ("/", "%", "div") and two == 0:
        return None
    if op in ("%", "div"):
        if abs(one) > 2**53 or abs(two) > 2**53:
            return None
        left, right = (Fraction(repr(n)) for n in (one, two))
        whole = math.trunc(left / right)
        return float(whole if op == "div" else left - whole * right)
    if op == "^":
        return _to_the_power(one, two)
    return {"+": one + two, "-": one - two, "*": one * two}[op] if op != "/" else one / two


def _to_the_power(one: float, two: float) -> float | None:
    try:
        found = one**two
    except (ZeroDivisionError, OverflowError):
        return None
    if isinstance(found, complex) or (one != 0 and not 1e-149 < abs(found) < 1e149):
        return None
    return found


def _matches(text: str, pattern: str) -> bool:
    """By a table of prefixes; a backslash takes the meaning off what follows."""
    signs = re.findall(r"\\?.", pattern, re.DOTALL)
    reached = {0}
    for sign in signs:
        if sign == "%":
            reached = {end for start in reached for end in range(start, len(text) + 1)}
            continue
        plain = sign[-1]
        reached = {
            place + 1
            for place in reached
            if place < len(text) and (sign == "_" or text[place] == plain)
        }
    return len(text) in reached


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper().replace("Z", "+00:00")).astimezone(UTC)


def _day(text: str) -> Time:
    start = datetime.fromisoformat(text + "T00:00:00+00:00")
    return Time((start, start + timedelta(days=1) - timedelta(microseconds=1)))


_STAMP = r"\d{4}-\d\d-\d\d[Tt].*([Zz]|[+-]\d\d:\d\d)"


def as_time(value: Any) -> Time | None:
    if isinstance(value, Time):
        return value
    return _time_in(value) if isinstance(value, str) else None


@cache
def _time_in(value: str) -> Time | None:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return _day(value)
        if re.fullmatch(_STAMP, value):
            return Time((_instant(value),) * 2)
    except ValueError:
        pass
    return None


def _order(op: str, one: Time | None, two: Time | None) -> bool | None:
    if one is None or two is None:
        return None
    before, after = one[1] < two[0], one[0] > two[1]
    found = {"<": before, ">": after, "<=": not after, ">=": not before}
    return found.get(op, (before or after) == (op == "<>"))


_TIMES: dict[str, Any] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: a < c and b > d,
    "t_disjoint": lambda a, b, c, d: a > d or b < c,
    "t_during": lambda a, b, c, d: a > c and b < d,
    "t_equals": lambda a, b, c, d: (a, b) == (c, d),
    "t_finishedby": lambda a, b, c, d: a < c and b == d,
    "t_finishes": lambda a, b, c, d: a > c and b == d,
    "t_intersects": lambda a, b, c, d: not (a > d or b < c),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metby": lambda a, b, c, d: a == d,
    "t_overlappedby": lambda a, b, c, d: c < a < d < b,
    "t_overlaps": lambda a, b, c, d: a < c < b < d,
    "t_startedby": lambda a, b, c, d: a == c and b > d,
    "t_starts": lambda a, b, c, d: a == c and b < d,
}


def _sets(op: str, one: list[Any], two: list[Any]) -> bool:
    def has(items: list[Any], wanted: Any) -> bool:
        return any(_same(item, wanted) for item in items)

    contains, contained = all(has(one, i) for i in two), all(has(two, i) for i in one)
    if op == "a_overlaps":
        return any(has(one, i) for i in two)
    return {"a_contains": contains, "a_containedby": contained}.get(op, contains and contained)


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    return bool(one == two)


def shape_of(node: dict[str, Any]) -> shapely.Geometry:
    """Boxes and shapes, cut where they pass the antimeridian."""
    if "bbox" in node:
        west, south, east, north = node["bbox"]
        shape = shapely.box(west, south, east if west <= east else east + 360, north)
        if not shape.is_valid:
            shape = shapely.make_valid(shape)
    else:
        members = [shapely.geometry.shape(one) for one in node.get("geometries", [node])]
        members = [m if m.is_valid else shapely.make_valid(m, method="structure") for m in members]
        shape = members[0] if len(members) == 1 else shapely.union_all(members)
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    world = shapely.box(-180, -90, 180, 90)
    parts = [shapely.intersection(translate(shape, shift), world) for shift in (-360, 0, 360)]
    size = shapely.get_dimensions(shape)
    return shapely.union_all([part for part in parts if shapely.get_dimensions(part) == size])
