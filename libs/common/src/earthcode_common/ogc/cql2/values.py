"""CQL2 JSON to values."""

from collections.abc import Mapping, Sequence
from typing import Any

from earthcode_common.ogc.bbox import parse_bbox
from earthcode_common.ogc.cql2 import moments
from earthcode_common.ogc.cql2.fold import folded
from earthcode_common.ogc.cql2.guard import EMPTY, Refused
from earthcode_common.ogc.cql2.nodes import (
    Arithmetic,
    Array,
    Fold,
    Literal,
    Moment,
    Property,
    Shape,
    Span,
    Value,
)
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START
from earthcode_common.ogc.geometry import bbox_shape, parse_geometry
from earthcode_common.problems import BadRequest

ARITHMETIC = ("+", "-", "*", "/", "^", "%", "div")
FOLDS = ("casei", "accenti")
MAX_POSITIONS = 10_000
MAX_NUMBER = 1e300


def value(node: Any, at: str) -> Value:
    """Raises Refused."""
    if isinstance(node, bool | str):
        return Literal(text(node, at) if isinstance(node, str) else node)
    if isinstance(node, int | float):
        return Literal(number(node, at))
    if isinstance(node, list | tuple):
        return Array(tuple(_element(item, f"{at}/{i}") for i, item in enumerate(_listed(node))))
    if isinstance(node, Mapping):
        return _object(node, at)
    raise Refused("there is no NULL to compare with; ask IS NULL", at)


def text(value: str, at: str) -> str:
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise Refused("a text holds a NUL character or half a surrogate pair", at)
    return value


def number(value: float, at: str) -> float:
    if not (-MAX_NUMBER <= value <= MAX_NUMBER):
        raise Refused(f"a number is beyond {MAX_NUMBER:g}", at)
    return value


def arguments(node: Mapping[str, Any], count: int | None, at: str) -> Sequence[Any]:
    found = node.get("args")
    if not isinstance(found, list | tuple):
        raise Refused(f"`{node['op']}` has no array `args`", at)
    if count is not None and len(found) != count:
        raise Refused(f"`{node['op']}` takes {count} arguments, not {len(found)}", at)
    return found


def _listed(items: Sequence[Any]) -> Sequence[Any]:
    return () if list(items) == [EMPTY] else items


def _element(item: Any, at: str) -> Any:
    """Of an array: JSON values, dates and timestamps by their text."""
    found = value(item, at)
    if isinstance(found, Moment) and isinstance(item, Mapping) and "interval" not in item:
        return next(iter(item.values()))
    if isinstance(found, Array):
        return list(found.items)
    if not isinstance(found, Literal):
        raise Refused("an array here holds texts, numbers, booleans and times only", at)
    return found.value


def _object(node: Mapping[str, Any], at: str) -> Value:
    if "property" in node:
        return _property(node["property"], f"{at}/property")
    if "op" in node:
        return _operation(node, at)
    if "timestamp" in node:
        return moments.timestamp(node["timestamp"], f"{at}/timestamp")
    if "date" in node:
        return moments.day(node["date"], f"{at}/date")
    if "interval" in node:
        return _interval(node["interval"], f"{at}/interval")
    if "bbox" in node or "type" in node:
        return _shape(node, at)
    raise Refused("this object is no property, time, geometry or operation", at)


def _property(name: Any, at: str) -> Property:
    if not isinstance(name, str) or not name:
        raise Refused("a property is named by a text", at)
    return Property(text(name, at))


def _operation(node: Mapping[str, Any], at: str) -> Value:
    op = str(node["op"]).lower()
    if op in FOLDS:
        return _fold(op, value(arguments(node, 1, at)[0], f"{at}/args/0"), at)
    if op in ARITHMETIC:
        left, right = arguments(node, 2, at)
        return Arithmetic(op, _term(left, f"{at}/args/0"), _term(right, f"{at}/args/1"))
    raise Refused(f"{ascii(node['op'])[:60]} is not a function or operator that gives a value", at)


def _fold(op: str, inner: Value, at: str) -> Value:
    case, accent = op == "casei", op == "accenti"
    if isinstance(inner, Literal) and isinstance(inner.value, str):
        return Literal(folded(inner.value, case, accent))
    if isinstance(inner, Fold):
        return Fold(inner.value, case or inner.case, accent or inner.accent)
    if isinstance(inner, Property):
        return Fold(inner, case, accent)
    raise Refused(f"{op.upper()} is for texts", at)


def _term(node: Any, at: str) -> Value:
    found = value(node, at)
    good = isinstance(found, Arithmetic | Property)
    if isinstance(found, Literal):
        good = not isinstance(found.value, bool | str)
    if not good:
        raise Refused("only numbers can be calculated with", at)
    return found


def _interval(ends: Any, at: str) -> Value:
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise Refused("an interval has two ends", at)
    start, end = (_end(e, i, f"{at}/{i}") for i, e in enumerate(ends))
    if not (isinstance(start, Moment) and isinstance(end, Moment)):
        return Span(start, end)
    if start.start > end.end:
        raise Refused("an interval ends before it starts", at)
    return Moment(start.start, end.end)


def _end(node: Any, index: int, at: str) -> Value:
    if node == "..":
        open_end = (OPEN_START, OPEN_END)[index]
        return Moment(open_end, open_end)
    if isinstance(node, str):
        return moments.moment(node, at)
    found = value(node, at)
    if isinstance(found, Property) or (isinstance(found, Moment) and "interval" not in node):
        return found
    raise Refused("an interval ends at a date, a timestamp, a property or '..'", at)


def _shape(node: Mapping[str, Any], at: str) -> Shape:
    try:
        if "bbox" in node and "type" not in node:
            box = parse_bbox(node["bbox"] if isinstance(node["bbox"], list) else ())
            return Shape(bbox_shape(box), box)
        return Shape(parse_geometry(node, max_positions=MAX_POSITIONS), None)
    except BadRequest as error:
        raise Refused(error.detail, at) from None
