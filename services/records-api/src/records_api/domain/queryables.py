"""What may be asked of records: queryables and sortables (OGC 19-079r2, 20-004r1 clause 11).

Known properties have a type here; those that records really have are described beside them, and
every other name is refused.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from earthcode_common.ogc.cql2 import Queryable, Queryables
from earthcode_common.ogc.query import Direction
from earthcode_common.problems import BadRequest

SCALARS = ("string", "number", "boolean")
SORTED_KINDS = ("text", "number", "boolean", "instant")
MAX_KEYS = 8
DEFAULT_ORDER: tuple[tuple[str, Direction], ...] = (("time", "desc"),)
Known = Mapping[str, Queryable]
_GEOMETRY = {"format": "geometry-any", "x-ogc-role": "primary-geometry"}
_TIME = "From the start to the end; compares with instants and intervals, open ends are .."


def _text(title: str, source: str | None = None, **more: Any) -> Queryable:
    return Queryable("text", source, title, schema=more)


def _texts(title: str) -> Queryable:
    return Queryable("array", None, title, schema={"items": {"type": "string"}})


def _instant(title: str) -> Queryable:
    return Queryable("instant", None, title)


KNOWN: Known = {
    "id": _text("Identifier of the record", "id", **{"x-ogc-role": "id"}),
    "type": _text("Type of what is described"),
    "title": _text("Title"),
    "geometry": Queryable("geometry", "geometry", "Place, in CRS84", schema=_GEOMETRY),
    "time": Queryable("interval", "time", "Time", _TIME, {"x-ogc-role": "primary-interval"}),
    "created": _instant("When the record was created"),
    "updated": _instant("When the record was changed"),
    "keywords": _texts("Keywords"),
    "themes": _texts("Identifiers of science themes"),
    "externalIds": _texts("Identifiers given by others: value, scheme:value, scheme:"),
    "license": _text("Licence: an SPDX identifier, or as it was stated"),
    "language": _text("Language of the record"),
    "version": _text("Version"),
    "osc:project": _text("Identifier of the project, its own or that of its workflow"),
    "osc:workflow": _text("Identifier of the workflow"),
    "osc:experiment": _text("Identifier of the experiment"),
    "osc:product": _text("Identifier of the product"),
    "osc:status": _text("Status"),
    "osc:region": _text("Region"),
    "osc:variables": _texts("Identifiers of variables"),
    "osc:missions": _texts("Identifiers of Earth observation missions"),
    "application:type": _text("Kind of application"),
    "application:language": _texts("Programming languages"),
    "application:container": Queryable("boolean", None, "Whether it is a container"),
    "verdict": _text("Verdict of a reproduction"),
}
# Parameters of the standard mean these, or nothing is asked for by their equality.
UNASKED = frozenset({"id", "type", "geometry", "time", "externalIds"})
# Names in the search store of what is not a property of that name.
COLUMNS = {"id": "id", "time": "datetime", "relevance": "relevance"}
RELEVANCE = Queryable("number", None, "How well it fits q", "The same for all without q")


def queryables(stored: Mapping[str, Iterable[str]] | None = None) -> Queryables:
    """``stored``: the JSON types that records have under each name."""
    names = sorted(set(stored or ()) - set(KNOWN))
    return Queryables({**KNOWN, **{name: _found((stored or {})[name]) for name in names}})


def open_queryables() -> Queryables:
    """Any name is taken; the caller checks those that are not KNOWN."""
    return Queryables(KNOWN, additional=True)


def sortables(stored: Mapping[str, Iterable[str]] | None = None) -> Queryables:
    """Those of the queryables whose values have an order; ``time`` is sorted by its start."""
    every = queryables(stored).known
    ordered = {name: one for name, one in every.items() if _has_order(one)}
    started = Queryable("instant", "start", "Start of its time")
    return Queryables({**ordered, "time": started, "relevance": RELEVANCE})


def _found(types: Iterable[str]) -> Queryable:
    each = sorted(set(types) - {"null"})
    return Queryable(schema={"type": each[0] if len(each) == 1 else each} if each else {})


def _has_order(one: Queryable) -> bool:
    types = one.schema.get("type", ())
    seen = [types] if isinstance(types, str) else types
    return one.kind in SORTED_KINDS or any(kind in SCALARS for kind in seen)


def parse_sortby(text: str) -> list[tuple[str, Direction]]:
    """``-created,title`` as [(name, direction), ...]; raises BadRequest."""
    keys = [_key(part) for part in text.split(",")]
    if len(keys) > MAX_KEYS:
        raise wrong_order(f"it names {len(keys)} properties; at most {MAX_KEYS} are possible")
    for name, _ in keys:
        if not name or len(name) > 200 or not name.isprintable():
            raise wrong_order(f"{name[:60]!a} is not the name of a property")
    first = dict(reversed(keys))  # a second one decides nothing
    return [(name, first[name]) for name in dict.fromkeys(name for name, _ in keys)]


def _key(part: str) -> tuple[str, Direction]:
    # A "+" that was not percent-encoded in a query string arrives as a space.
    direction: Direction = "desc" if part.startswith("-") else "asc"
    name = part[1:] if part[:1] in ("+", "-", " ") else part
    return name.strip().removeprefix("properties."), direction


def store_keys(keys: Iterable[tuple[str, Direction]]) -> list[tuple[str, Direction]]:
    """The names that the search store knows."""
    return [(COLUMNS.get(name, f"properties.{name}"), direction) for name, direction in keys]


def wrong_order(why: str) -> BadRequest:
    hint = "for example sortby=-created,title"
    return BadRequest(f"sortby is not valid: {why}", parameter="sortby", hint=hint)


def unknown(
    parameter: str, name: str, names: Iterable[str], where: str, pointer: str | None = None
) -> BadRequest:
    """The refusal of a property that no record has, with the nearest that there are.

    ``pointer``: into the body, when it was named there.
    """
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    meant = f"did you mean {', '.join(near)}? " if near else ""
    return BadRequest(
        f"{parameter} is not valid: there is no property {ascii(name)[:80]}",
        parameter=parameter if pointer is None else None,
        pointer=pointer,
        hint=f"{meant}all are listed at {where}",
    )
