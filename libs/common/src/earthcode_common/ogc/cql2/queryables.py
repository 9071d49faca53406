"""What can be asked for: OGC API - Features Part 3 (19-079r2), Queryables."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import COLUMNS, Field, Property

Kind = Literal["text", "number", "boolean", "instant", "interval", "geometry", "array", "any"]

DIALECTS = {
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
}
_MOMENT = {"type": "string", "format": "date-time"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "instant": _MOMENT,
    "interval": {"type": "array", "minItems": 2, "maxItems": 2, "items": _MOMENT},
    "geometry": {"format": "geometry-any"},
    "array": {"type": "array"},
    "any": {},
}


@dataclass(frozen=True, slots=True)
class Queryable:
    """``source``: where the value is. None: the property of this name in the store's ``props``.

    A tuple of keys: another place in ``props``. A text: a column of the store (id, part, time,
    start, end, geometry); time is an interval, start and end are instants, null when open.
    ``schema`` has members to add or to put in place of the kind's own.
    """

    kind: Kind = "any"
    source: str | tuple[str, ...] | None = None
    title: str = ""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.source, str) and self.source not in COLUMNS:
            raise ValueError(f"{self.source!r} is not one of {', '.join(COLUMNS)}")

    def json_schema(self) -> dict[str, Any]:
        words = {"title": self.title, "description": self.description}
        told = {key: text for key, text in words.items() if text}
        return told | (dict(self.schema) if "$ref" in self.schema else self._typed())

    def _typed(self) -> dict[str, Any]:
        return _SCHEMAS[self.kind] | dict(self.schema)


@dataclass(frozen=True)
class Queryables:
    """``additional``: every other name is a property of ``props`` too, top-level or dotted.

    A name that begins with one of ``prefixes`` (such as ``properties.``) means what follows it.
    """

    known: Mapping[str, Queryable]
    additional: bool = False
    prefixes: tuple[str, ...] = ("properties.",)

    def field(self, asked: Property) -> Field:
        """Raises Refused for a name that is not known, with those that are like it."""
        name = self._name(asked.name)
        if name in self.known:
            return _field(name, self.known[name])
        if self.additional:
            return Field(name, "any", _paths(name))
        near = difflib.get_close_matches(name, self.known, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {self._some()}"
        raise Refused(f"there is no queryable {ascii(name)[:80]}; {hint}")

    def schema(self, id: str, title: str = "", dialect: str = "2020-12") -> dict[str, Any]:
        """A JSON Schema that describes the queryables; ``id`` is its own address."""
        described = {name: queryable.json_schema() for name, queryable in self.known.items()}
        return {
            "$schema": DIALECTS[dialect],
            "$id": id,
            "type": "object",
            "title": title or "Queryables",
            "properties": described,
            "additionalProperties": self.additional,
        }

    def _name(self, name: str) -> str:
        if name in self.known:
            return name
        for prefix in self.prefixes:
            if name.startswith(prefix) and name != prefix:
                return name[len(prefix) :]
        return name

    def _some(self) -> str:
        names = sorted(self.known)
        return ", ".join(names[:20]) + (" and more" if len(names) > 20 else "")


def _field(name: str, queryable: Queryable) -> Field:
    kind = {"instant": "time", "interval": "time"}.get(queryable.kind, queryable.kind)
    if isinstance(queryable.source, str):
        return Field(name, kind, queryable.source)
    return Field(name, kind, (queryable.source,) if queryable.source else _paths(name))


def _paths(name: str) -> tuple[tuple[str, ...], ...]:
    """The key itself first, then, when there are dots in it, keys within keys."""
    keys = tuple(name.split("."))
    return ((name,), keys) if len(keys) > 1 else ((name,),)
