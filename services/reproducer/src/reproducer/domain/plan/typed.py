"""What an entry of a list of parameters says of its value: type, unit, reference system."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE = re.compile(_DAY)
_MOMENT = re.compile(_DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and float(value).is_integer()


def _is_bbox(value: Any) -> bool:
    return isinstance(value, list) and len(value) in (4, 6) and all(map(_is_number, value))


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
    "date": lambda value: isinstance(value, str) and bool(_DATE.fullmatch(value)),
    "date-time": lambda value: isinstance(value, str) and bool(_MOMENT.fullmatch(value)),
    "bbox": _is_bbox,
}


def fault(entry: Mapping[str, Any]) -> str | None:
    """What is wrong with an entry ``{name, value, type?, unit?, crs?, description?}``."""
    name = str(entry["name"])[:80]
    wrong = [k for k in ("unit", "crs", "description") if not isinstance(entry.get(k, ""), str)]
    if wrong:
        return f"{wrong[0]} of {name} is not a text"
    if "type" not in entry:
        return None
    given = entry["type"]
    if not isinstance(given, str) or given not in TYPES:
        return f"the type of {name} is none of {', '.join(TYPES)}"
    return None if TYPES[given](entry["value"]) else f"the value of {name} is not of type {given}"
