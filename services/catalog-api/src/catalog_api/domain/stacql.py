"""``query`` (STAC API - Query extension 1.0.0) as CQL2 JSON.

Operators of one property are ANDed. A text that reads as a number means the number as well where
the type of the property is not known, as clients and checkers send numbers in quotes.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from earthcode_common.ogc.cql2 import Queryable
from earthcode_common.ogc.jsontext import escape
from earthcode_common.problems import BadRequest

MAX_CONDITIONS = 50
MAX_VALUES = 1000
COMPARISONS = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}
OPERATORS = (*COMPARISONS, "neq", *PATTERNS, "in")
Expression = dict[str, Any]


def expression(query: Any, known: Mapping[str, Queryable]) -> Expression:
    """``{"eo:cloud_cover": {"lt": 10}}`` as CQL2 JSON; raises BadRequest with a pointer."""
    if not isinstance(query, Mapping) or not query:
        raise wrong('it is an object like {"gsd": {"lte": 10}}', "")
    found: list[Expression] = []
    for name, conditions in query.items():
        place = f"/{escape(name)}"
        if not isinstance(conditions, Mapping) or not conditions:
            raise wrong("operators are expected", place)
        for operator, value in conditions.items():
            kind = _kind(known, name)
            found.append(_condition(name, kind, operator, value, f"{place}/{escape(operator)}"))
    if len(found) > MAX_CONDITIONS:
        raise wrong(f"it holds {len(found)} conditions; at most {MAX_CONDITIONS} are possible", "")
    return found[0] if len(found) == 1 else {"op": "and", "args": found}


def _kind(known: Mapping[str, Queryable], name: str) -> str:
    named = known.get(name) or known.get(name.removeprefix("properties."))
    return named.kind if named else "any"


def _condition(name: str, kind: str, operator: str, value: Any, place: str) -> Expression:
    if operator not in OPERATORS:
        raise wrong(f"{operator!a} is not one of {', '.join(OPERATORS)}", place)
    if kind == "geometry":
        raise wrong("geometries are compared with a filter, or with intersects", place)
    make = _MAKERS.get(operator, _compared)
    return make(name, kind, operator, value, place)


def _compared(name: str, kind: str, operator: str, value: Any, place: str) -> Expression:
    here = {"property": name}
    if value is None and operator == "eq":
        return {"op": "isNull", "args": [here]}
    if kind == "array":
        raise wrong("the property is a list: use contains or in", place)
    symbol = COMPARISONS[operator]
    return _any([{"op": symbol, "args": [here, one]} for one in _readings(value, kind, place)])


def _unequal(name: str, kind: str, operator: str, value: Any, place: str) -> Expression:
    return {"op": "not", "args": [_compared(name, kind, "eq", value, place)]}


def _matching(name: str, kind: str, operator: str, value: Any, place: str) -> Expression:
    if not isinstance(value, str):
        raise wrong("a text is expected", place)
    here = {"property": name}
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = {"op": "like", "args": [here, PATTERNS[operator].format(escaped)]}
    member = {"op": "a_contains", "args": [here, [value]]}
    if kind == "array":
        if operator != "contains":
            raise wrong("the property is a list: use contains or in", place)
        return member
    return _any([like, member]) if operator == "contains" and kind == "any" else like


def _among(name: str, kind: str, operator: str, value: Any, place: str) -> Expression:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_VALUES:
        raise wrong(f"a list of 1 to {MAX_VALUES} values is expected", place)
    here = {"property": name}
    values = [reading for one in value for reading in _readings(one, kind, place)]
    one_of = {"op": "in", "args": [here, values]}
    overlaps = {"op": "a_overlaps", "args": [here, values]}
    if kind == "any":
        return _any([one_of, overlaps])
    return overlaps if kind == "array" else one_of


_MAKERS: Mapping[str, Callable[[str, str, str, Any, str], Expression]] = {
    "neq": _unequal,
    "in": _among,
    **dict.fromkeys(PATTERNS, _matching),
}


def _readings(value: Any, kind: str, place: str) -> list[Any]:
    if not isinstance(value, str | int | float):
        raise wrong("a text, a number or a boolean is expected", place)
    number = _number(value) if isinstance(value, str) else None
    if number is None or kind not in ("number", "any"):
        return [value]
    return [number] if kind == "number" else [value, number]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _any(conditions: list[Expression]) -> Expression:
    return conditions[0] if len(conditions) == 1 else {"op": "or", "args": conditions}


def wrong(why: str, place: str) -> BadRequest:
    """``pointer`` is below the member ``query``, whether it came in a body or a parameter."""
    return BadRequest(
        f"query is not valid: {why}",
        parameter="query",
        pointer=f"/query{place}",
        hint='for example {"eo:cloud_cover": {"lte": 10}, "platform": {"startsWith": "sentinel"}}',
    )
