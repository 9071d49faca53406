"""``sortby`` (STAC API - Sort extension 1.1.0): from an address or a body to sort keys."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from earthcode_common.ogc.query import Direction
from earthcode_common.problems import BadRequest

MAX_KEYS = 8
PREFIX = "properties."
# What the search store keeps beside the properties; every other name is that of a property.
TIMES = ("datetime", "start_datetime", "end_datetime")
Key = tuple[str, Direction]


def parse_sortby(value: Any) -> list[Key]:
    """``-properties.gsd,id`` or ``[{"field", "direction"}]`` as [(name, direction), ...].

    Names come without ``properties.``; raises BadRequest.
    """
    if isinstance(value, str):
        keys = [_from_text(part) for part in value.split(",")]
    elif isinstance(value, list):
        keys = [_from_object(part, place) for place, part in enumerate(value)]
    else:
        raise wrong("it is a list of fields")
    names = [name for name, _ in keys]
    if not keys or len(keys) > MAX_KEYS:
        raise wrong(f"it names {len(keys)} fields; 1 to {MAX_KEYS} are possible")
    for name in names:
        if names.count(name) > 1:
            raise wrong(f"it names {name!a} twice")
    return keys


def _from_text(part: str) -> Key:
    # A "+" that was not percent-encoded in a query string arrives as a space.
    direction: Direction = "desc" if part.startswith("-") else "asc"
    return _name(part[1:] if part[:1] in ("+", "-", " ") else part), direction


def _from_object(part: Any, place: int) -> Key:
    if not isinstance(part, Mapping) or not isinstance(part.get("field"), str):
        raise wrong('each member is {"field": ..., "direction": "asc" or "desc"}', f"/{place}")
    direction = part.get("direction", "asc")
    if direction not in ("asc", "desc"):
        raise wrong('direction is "asc" or "desc"', f"/{place}/direction")
    if unknown := set(part) - {"field", "direction"}:
        raise wrong(f"{min(unknown)!a} is not known here", f"/{place}")
    return _name(part["field"]), direction


def _name(field: str) -> str:
    name = field.strip().removeprefix(PREFIX)
    if not name or len(name) > 200 or not name.isprintable():
        raise wrong(f"{field[:60]!a} is not the name of a field")
    return name


def store_keys(keys: Iterable[Key], columns: Iterable[str]) -> list[Key]:
    """The names that the search store knows: ``columns``, else a property for certain."""
    return [(name if name in columns else PREFIX + name, direction) for name, direction in keys]


def unknown(name: str, sortables: Iterable[str], where: str) -> BadRequest:
    """The refusal of a field that nothing can be sorted by, naming the nearest that there are."""
    near = difflib.get_close_matches(name, list(sortables), n=3, cutoff=0.5)
    meant = f"did you mean {', '.join(near)}? " if near else ""
    return BadRequest(
        f"sortby is not valid: {name!a} is not sortable",
        parameter="sortby",
        hint=f"{meant}all sortables are listed at {where}",
    )


def wrong(why: str, place: str = "") -> BadRequest:
    pointer = f"/sortby{place}" if place else None
    return BadRequest(
        f"sortby is not valid: {why}",
        parameter=None if pointer else "sortby",
        pointer=pointer,
        hint="for example sortby=-properties.datetime,id",
    )
