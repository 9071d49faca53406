"""CQL2 JSON as CQL2 text, written from the BNF (OGC 21-065r2, annex B)."""

import re
from typing import Any

_INFIX = ("=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "div", "^", "and", "or")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_WORDS = {"and", "or", "not", "div", "like", "in", "between", "is", "null", "true", "false"}
_WORDS |= {"date", "timestamp", "interval", "bbox"}


class NoText(ValueError):
    """CQL2 text cannot say it (or the parser in use cannot read it)."""


def to_text(node: Any) -> str:
    """Raises NoText."""
    if isinstance(node, bool):
        return str(node).upper()
    if isinstance(node, str):
        return "'" + node.replace("'", "''") + "'"
    if isinstance(node, int | float):
        return _number(node)
    if isinstance(node, list):
        return _array(node)
    if node is None:
        raise NoText("null")
    if "property" in node:
        return _name(node["property"])
    return _operation(node["op"], node["args"]) if "op" in node else _instance(node)


def _number(node: float) -> str:
    if abs(node) > 2**53 and isinstance(node, int):
        raise NoText("an integer that no double holds")
    return repr(node)


def _array(items: list[Any]) -> str:
    if len(items) == 1 and isinstance(items[0], list):
        raise NoText("brackets in brackets")
    if any(isinstance(item, list) and len(item) < 2 for item in items):
        raise NoText("brackets around one are no array")
    return f"({', '.join(map(to_text, items))})"


def _name(name: str) -> str:
    plain = _NAME.fullmatch(name) and name.lower() not in _WORDS
    return name if plain else f'"{name}"'


def _operation(op: str, args: list[Any]) -> str:
    word = op.upper()
    if op.lower() in _INFIX:
        return "(" + f" {word} ".join(map(to_text, args)) + ")"
    if word == "NOT":
        return f"NOT {_bracketed(args[0])}"
    if word == "ISNULL":
        return f"{_bracketed(args[0])} IS NULL"
    if word == "BETWEEN":
        first, low, high = map(to_text, args)
        return f"({first} BETWEEN {low} AND {high})"
    if word in ("LIKE", "IN"):
        return f"({to_text(args[0])} {word} {to_text(args[1])})"
    return f"{word}({', '.join(map(to_text, args))})"


def _bracketed(node: Any) -> str:
    text = to_text(node)
    return text if text.startswith("(") or isinstance(node, bool) else f"({text})"


def _instance(node: dict[str, Any]) -> str:
    for name in ("date", "timestamp"):
        if name in node:
            return f"{name.upper()}('{node[name]}')"
    if "interval" in node:
        return f"INTERVAL({', '.join(map(to_text, node['interval']))})"
    if "bbox" in node:
        return f"BBOX({', '.join(map(repr, node['bbox']))})"
    return wkt(node)


def wkt(node: dict[str, Any]) -> str:
    kind = node["type"]
    if kind == "GeometryCollection":
        return f"GEOMETRYCOLLECTION({', '.join(map(wkt, node['geometries']))})"
    coordinates = node["coordinates"]
    return kind.upper() + _positions([coordinates] if kind == "Point" else coordinates)


def _positions(value: list[Any]) -> str:
    inner = [_positions(v) if isinstance(v[0], list) else " ".join(map(repr, v)) for v in value]
    return f"({', '.join(inner)})"
