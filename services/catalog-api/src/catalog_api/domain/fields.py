"""``fields`` (STAC API - Fields extension 1.0.0): members of documents, chosen and left out.

Only named members are there, beside a few that say what the document is. Where one path is
included and one excluded, the longer one counts, and of two alike the inclusion. Paths are keys
with dots between them, matched against the keys that are there, which may hold dots themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from earthcode_common.ogc import jsontext
from earthcode_common.problems import BadRequest

MAX_PATHS = 200
ITEM_MEMBERS = (
    *("type", "stac_version", "stac_extensions", "id", "collection"),
    *("geometry", "bbox", "properties", "links", "assets"),
)
ITEM_IDENTITY = ("type", "stac_version", "id", "collection")
ITEM_DEFAULT = (
    *ITEM_IDENTITY,
    *("geometry", "bbox", "links", "assets"),
    *(f"properties.{name}" for name in ("datetime", "start_datetime", "end_datetime")),
)
COLLECTION_IDENTITY = ("type", "stac_version", "id")
COLLECTION_DEFAULT = (
    *COLLECTION_IDENTITY,
    *("title", "description", "license", "extent", "links"),
)


@dataclass(frozen=True, slots=True)
class Fields:
    """``all``: everything that is not excluded, else only what is included."""

    all: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]


def parse_fields(value: Any, *, items: bool) -> Fields:
    """``id,-geometry`` or ``{"include": [...], "exclude": [...]}``; raises BadRequest."""
    if isinstance(value, str):
        include, exclude = _from_text(value)
        only_exclude = bool(exclude) and not include
    elif isinstance(value, Mapping):
        if unknown := set(value) - {"include", "exclude"}:
            raise wrong(f"{min(unknown)!a} is not known here")
        include, exclude = (_paths(value.get(name), name) for name in ("include", "exclude"))
        only_exclude = bool(exclude) and "include" not in value
    else:
        raise wrong("it is an object with include and exclude")
    identity = ITEM_IDENTITY if items else COLLECTION_IDENTITY
    default = ITEM_DEFAULT if items else COLLECTION_DEFAULT
    if items:
        include, exclude = _with_properties(include), _with_properties(exclude)
    if only_exclude:
        return Fields(True, (), exclude)
    more = identity if include else default
    return Fields(False, (*include, *(one for one in more if one not in exclude)), exclude)


def _from_text(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    include: list[str] = []
    exclude: list[str] = []
    for part in value.split(",") if value.strip() else []:
        (exclude if part.startswith("-") else include).append(part.lstrip(" ").lstrip("+-"))
    return _paths(include, "include"), _paths(exclude, "exclude")


def _paths(value: Any, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(f"{name} is a list of names")
    paths = tuple(dict.fromkeys(one.strip() for one in value))
    if len(paths) > MAX_PATHS or not all(paths) or any(len(one) > 500 for one in paths):
        raise wrong(f"{name} holds at most {MAX_PATHS} names, none of them empty or endless")
    return paths


def _with_properties(paths: Iterable[str]) -> tuple[str, ...]:
    """A name that is no member of Items by itself means a property as well."""
    found: list[str] = []
    for path in paths:
        found.append(path)
        if path.split(".")[0] not in ITEM_MEMBERS:
            found.append(f"properties.{path}")
    return tuple(found)


def select(text: str, fields: Fields) -> str:
    """Those members of the object in ``text``; what is kept stays as it was written."""
    kept: dict[str, str] = {}
    for key, member in jsontext.members(text).items():
        one = _member(key, member, fields)
        if one is not None:
            kept[key] = one
    return jsontext.join(kept)


def _member(key: str, member: jsontext.Value, fields: Fields) -> str | None:
    include, exclude = _below(key, fields.include), _below(key, fields.exclude)
    wanted = key in fields.include or (fields.all and key not in fields.exclude)
    if not include and not wanted:
        return None
    if wanted and not exclude:
        return member.text
    inner = Fields(wanted, include, exclude)
    if isinstance(member.value, dict):
        return select(member.text, inner)
    if isinstance(member.value, list):
        return jsontext.array(_element(one, inner) for one in jsontext.elements(member.text))
    return member.text if wanted else None


def _element(one: jsontext.Value, fields: Fields) -> str:
    return select(one.text, fields) if isinstance(one.value, dict) else one.text


def _below(key: str, paths: Iterable[str]) -> tuple[str, ...]:
    start = f"{key}."
    return tuple(path[len(start) :] for path in paths if path.startswith(start))


def wrong(why: str) -> BadRequest:
    return BadRequest(
        f"fields is not valid: {why}",
        parameter="fields",
        hint="for example fields=id,geometry,-properties.created",
    )
