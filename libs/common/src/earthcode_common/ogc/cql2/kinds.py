"""Which kind of comparison is meant, worked out once for SQL and for Python."""

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import (
    Arithmetic,
    Array,
    Field,
    Fold,
    Literal,
    Moment,
    Shape,
    Span,
    Value,
)

_OF_NODES = {Fold: "text", Arithmetic: "double", Moment: "time", Span: "time"}
_OF_NODES |= {Array: "array", Shape: "geometry"}
_INSTEAD = {"array": ("arrays", "A_EQUALS"), "geometry": ("geometries", "S_EQUALS")}


def kind(node: Value) -> str:
    """text, number, double (calculated), boolean, time, array, geometry, or any."""
    if isinstance(node, Field):
        return node.kind
    if isinstance(node, Literal):
        if isinstance(node.value, bool):
            return "boolean"
        return "text" if isinstance(node.value, str) else "number"
    return _OF_NODES[type(node)]


def common(left: Value, right: Value) -> str | None:
    """The kind in which both are compared; None when they can never be. Raises Refused."""
    kinds = {kind(left), kind(right)} - {"any"}
    for wrong in kinds & _INSTEAD.keys():
        many, instead = _INSTEAD[wrong]
        raise Refused(f"{many} are compared with {instead} and its like")
    if not kinds:
        return "any"
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {"double", "number"}:
        return "double"
    return "time" if kinds == {"time", "text"} else None
