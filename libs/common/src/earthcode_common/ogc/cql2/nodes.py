"""The expression tree of CQL2 (OGC 21-065r2): values and conditions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from shapely import Geometry

from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.cql2.like import Pattern


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float | int | bool


@dataclass(frozen=True, slots=True)
class Moment:
    """From start to end, both included. A date is its whole day; ``..`` are OPEN_START/OPEN_END."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """INTERVAL with a property at one end or both."""

    start: "Value"
    end: "Value"


@dataclass(frozen=True, slots=True)
class Shape:
    """Normalised as the store does; ``bbox`` when it was given as such a box."""

    geometry: Geometry
    bbox: Bbox | None


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """A name as written; binding turns it into a Field."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """What a name stands for. ``source`` is one of COLUMNS, or the paths into ``props`` to try.

    ``kind`` is text, number, boolean, time, geometry, array, or any (decided row by row).
    """

    name: str
    kind: str
    source: str | tuple[tuple[str, ...], ...]


COLUMNS = ("id", "part", "time", "start", "end", "geometry")


@dataclass(frozen=True, slots=True)
class Fold:
    """CASEI and ACCENTI of a property; of literals they are worked out when parsing."""

    value: "Value"
    case: bool
    accent: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: str
    left: "Value"
    right: "Value"


Value: TypeAlias = Literal | Moment | Span | Shape | Array | Property | Field | Fold | Arithmetic


@dataclass(frozen=True, slots=True)
class Constant:
    """``None`` is unknown."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A value that stands alone and has to be a boolean."""

    value: Value


@dataclass(frozen=True, slots=True)
class Compare:
    op: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class In:
    value: Value
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    value: Value
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: "Value | Condition"


@dataclass(frozen=True, slots=True)
class Relation:
    """A temporal (t_), spatial (s_) or array (a_) predicate."""

    op: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class And:
    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: "Condition"


Condition: TypeAlias = Constant | Flag | Compare | In | Like | IsNull | Relation | And | Or | Not
VALUES = (Literal, Moment, Span, Shape, Array, Property, Field, Fold, Arithmetic)
CONDITIONS = (Constant, Flag, Compare, In, Like, IsNull, Relation, And, Or, Not)


_NODES = (*VALUES, *CONDITIONS)


def children(node: Any) -> list[Any]:
    """The nodes directly below."""
    found = []
    for name in node.__slots__:
        value = getattr(node, name)
        found += [v for v in (value if isinstance(value, tuple) else (value,)) if _is_node(v)]
    return found


def mapped(node: Any, change: Callable[[Any], Any]) -> Any:
    """The node with each node directly below it changed."""
    changed: dict[str, Any] = {}
    for name in node.__slots__:
        value = getattr(node, name)
        if isinstance(value, tuple) and any(map(_is_node, value)):
            changed[name] = tuple(map(change, value))
        elif _is_node(value):
            changed[name] = change(value)
    return replace(node, **changed) if changed else node


def _is_node(value: Any) -> bool:
    return isinstance(value, _NODES)
