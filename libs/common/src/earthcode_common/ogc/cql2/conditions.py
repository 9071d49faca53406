"""CQL2 JSON to conditions."""

from collections.abc import Callable, Mapping
from typing import Any

from earthcode_common.ogc.cql2.fold import folded
from earthcode_common.ogc.cql2.guard import EMPTY, MAX_DEPTH, Refused
from earthcode_common.ogc.cql2.like import parse_pattern
from earthcode_common.ogc.cql2.nodes import (
    And,
    Compare,
    Condition,
    Constant,
    Flag,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Or,
    Relation,
)
from earthcode_common.ogc.cql2.relations import ARRAY, SPATIAL, TEMPORAL
from earthcode_common.ogc.cql2.values import ARITHMETIC, FOLDS, arguments, value

COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
MAX_ITEMS = 2000
_COST_OF_IS_NULL = 8  # Of a condition; in levels, as it nests deeper in SQL than the others.


def condition(node: Any, at: str = "", depth: int = 0) -> Condition:
    """Raises Refused."""
    if isinstance(node, bool):
        return Constant(node)
    if depth > MAX_DEPTH:
        raise Refused(f"it is nested deeper than {MAX_DEPTH} levels", at)
    if not isinstance(node, Mapping) or not ("op" in node or "property" in node):
        raise Refused("here a condition is needed, which is true or false", at)
    if "op" not in node:
        return Flag(value(node, at))
    return _operation(node, at, depth)


def _operation(node: Mapping[str, Any], at: str, depth: int) -> Condition:
    op = node["op"].lower() if isinstance(node["op"], str) else ""
    if op == "a_contained_by":
        return _contained_by(node, at)
    if op in ("and", "or"):
        return _joined(node, op, at, depth)
    if op == "not":
        (inner,) = arguments(node, 1, at)
        return Not(condition(inner, f"{at}/args/0", depth + 1))
    if op in COMPARISONS:
        return Compare(op, *_values(node, at))
    if op in TEMPORAL or op in SPATIAL or op in ARRAY:
        return Relation(op, *_values(node, at))
    if op in _OTHERS:
        return _OTHERS[op](node, at, depth)
    raise Refused(_unknown(node["op"]), at)


def _contained_by(node: Mapping[str, Any], at: str) -> Condition:
    """As STAC Browser spells it; as text, the parser takes an array of one for its element."""
    args = node.get("args")
    each = args if isinstance(args, list) else []
    whole = [one if isinstance(one, list | Mapping) else [one] for one in each]
    return Relation("a_containedby", *_values({"args": whole}, at))


def _unknown(op: Any) -> str:
    if isinstance(op, str) and (op in ARITHMETIC or op.lower() in FOLDS):
        return f"{op} gives a value; here a condition is needed, which is true or false"
    known = ", ".join(["casei", "accenti", *SPATIAL, *TEMPORAL, *ARRAY])
    return f"there is no function or operator {ascii(op)[:60]}; there are {known}"


def _joined(node: Mapping[str, Any], op: str, at: str, depth: int) -> Condition:
    items = arguments(node, None, at)
    if not items or len(items) > MAX_ITEMS:
        raise Refused(f"`{op}` takes 1 to {MAX_ITEMS} conditions", at)
    found = tuple(condition(n, f"{at}/args/{i}", depth + 1) for i, n in enumerate(items))
    return And(found) if op == "and" else Or(found)


def _values(node: Mapping[str, Any], at: str, count: int = 2) -> list[Any]:
    found = arguments(node, count, at)
    return [_operand(n, f"{at}/args/{i}") for i, n in enumerate(found)]


def _operand(node: Any, at: str) -> Any:
    if isinstance(node, Mapping) and _is_condition(node):
        raise Refused("here a value is needed, not a condition", at)
    return value(node, at)


def _is_condition(node: Mapping[str, Any]) -> bool:
    op = node.get("op")
    return isinstance(op, str) and (
        op.lower() in ("and", "or", "not", *COMPARISONS, *_OTHERS, *TEMPORAL, *SPATIAL, *ARRAY)
    )


def _between(node: Mapping[str, Any], at: str, _: int) -> Condition:
    # Older CQL2 drafts had the limits in an array of their own; clients still send it.
    args = node.get("args")
    if isinstance(args, list) and len(args) == 2 and isinstance(args[1], list):
        node = {"args": [args[0], *args[1]]}
    found, low, high = _values(node, at, 3)
    return And((Compare(">=", found, low), Compare("<=", found, high)))


def _in(node: Mapping[str, Any], at: str, _: int) -> Condition:
    first, items = arguments(node, 2, at)
    if not isinstance(items, list | tuple) or not items or len(items) > MAX_ITEMS:
        raise Refused(f"IN takes a list of 1 to {MAX_ITEMS} values", f"{at}/args/1")
    if list(items) == [EMPTY]:
        raise Refused("IN takes a list of values", f"{at}/args/1")
    listed = tuple(_operand(n, f"{at}/args/1/{i}") for i, n in enumerate(items))
    return In(_operand(first, f"{at}/args/0"), listed)


def _like(node: Mapping[str, Any], at: str, _: int) -> Condition:
    first, pattern = arguments(node, 2, at)
    case = accent = False
    while isinstance(pattern, Mapping) and str(pattern.get("op")).lower() in FOLDS:
        case = case or str(pattern["op"]).lower() == "casei"
        accent = accent or str(pattern["op"]).lower() == "accenti"
        (pattern,) = arguments(pattern, 1, f"{at}/args/1")
    found = value(pattern, f"{at}/args/1")
    if not isinstance(found, Literal) or not isinstance(found.value, str):
        raise Refused("the pattern of LIKE is a text", f"{at}/args/1")
    changed = parse_pattern(found.value).folded(lambda part: folded(part, case, accent))
    return Like(_operand(first, f"{at}/args/0"), changed)


def _is_null(node: Mapping[str, Any], at: str, depth: int) -> Condition:
    # Older CQL2 drafts had a bare operand instead of an array here; clients still send it.
    found = node.get("args")
    inner = found if isinstance(found, Mapping) else arguments(node, 1, at)[0]
    if isinstance(inner, Mapping) and _is_condition(inner):
        return IsNull(condition(inner, f"{at}/args/0", depth + _COST_OF_IS_NULL))
    return IsNull(value(inner, f"{at}/args/0"))


_OTHERS: dict[str, Callable[[Mapping[str, Any], str, int], Condition]] = {
    "between": _between,
    "in": _in,
    "like": _like,
    "isnull": _is_null,
}
