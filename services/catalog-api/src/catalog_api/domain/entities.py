"""Entities: what is kept of a published document, and what search sees of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from earthcode_common.contracts import CATALOG_KINDS
from earthcode_common.ogc import extents, jsontext
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.geometry import boxes_geometry
from earthcode_common.ogc.instants import instant
from earthcode_common.ogc.query import Document

from catalog_api.domain import intervals, kinds, links
from catalog_api.domain.links import Neighbour, Place
from catalog_api.domain.text import MAX_TITLE, joined, listed, plain, words

UNSEARCHED = frozenset(
    {"links", "extent", "assets", "description", "stac_extensions", "item_assets"}
)
MAX_PROPERTY = 2000  # characters; longer values are served but not searched


@dataclass(frozen=True, slots=True)
class Entity:
    """``body`` is the document's text without its links (None: not served here, only linked to)."""

    key: Key
    version: int
    digest: str
    owner: str
    title: str
    body: str | None
    links: str
    references: frozenset[Key]


def entity(place: Place, version: int, digest: str, owner: str, document: str) -> Entity:
    """``document`` is the text as it was submitted.

    Raises ValueError when it is no JSON object, or holds a number that clients cannot read.
    """
    members = jsontext.members(jsontext.compact(document))
    values = {name: member.value for name, member in members.items()}
    jsontext.check_numbers(values)
    own = links.own_links(place, values, members.pop("links", None))
    key = place.key
    served = key.kind in CATALOG_KINDS
    if "assets" in members:
        members["assets"] = absolute_assets(place, members["assets"])
    if "extent" in members:
        members["extent"] = intervals.served(members["extent"])
    body = jsontext.join({name: member.text for name, member in members.items()})
    return Entity(
        key,
        version,
        digest,
        owner,
        _title(key, values),
        body if served else None,
        jsontext.array(own.links) if served else "[]",
        frozenset(kinds.references(key.kind, values) | own.references),
    )


def _title(key: Key, document: Mapping[str, Any]) -> str:
    title = document.get("title") or _path(document, "properties", "title")
    return plain(title, MAX_TITLE) or key.id


def absolute_assets(place: Place, assets: jsontext.Value) -> jsontext.Value:
    """Assets whose relative addresses were made absolute; all else stays as it is."""
    if not isinstance(assets.value, dict):
        return assets
    each = jsontext.members(assets.text)
    made = {name: links.absolute(place, one) for name, one in each.items()}
    return jsontext.Value(assets.value, jsontext.join(made))


def rendered(body: str, own: str, key: Key, around: Iterable[Neighbour], *, twin: bool) -> str:
    """The document as it is served, with BASE for the public address."""
    generated = [links.text(one) for one in links.entity_links(key, around, twin=twin)]
    every = ",".join([*generated, *([own[1:-1]] if own != "[]" else [])])
    return f'{body[:-1]}{"," if body != "{}" else ""}"links":[{every}]}}'


def searchable(
    key: Key, version: int, body: str, doc: str, etag: str, updated: datetime
) -> Document:
    """What the search store keeps of an entity; odd extents never keep it from being found."""
    values = {name: member.value for name, member in jsontext.members(body).items()}
    start, end = interval(values.get("extent"))
    return Document(
        part=key.kind,
        id=key.id,
        doc=doc,
        geometry=geometry(values.get("extent")),
        start=start,
        end=end,
        props=properties(values, {"id": key.id, "kind": key.kind}),
        title=_title(key, values),
        text=joined([plain(values.get("description")), *_names(values), key.id]),
        keywords=words(values.get("keywords")),
        version=version,
        etag=etag,
        updated=updated,
    )


def geometry(extent: Any) -> Mapping[str, Any] | None:
    return boxes_geometry(extents.boxes(extent))


def interval(extent: Any) -> tuple[datetime | None, datetime | None]:
    """What encloses all of ``extent.temporal.interval``; (None, None) when nothing is known."""
    pairs = [pair for pair in listed(_path(extent, "temporal", "interval")) if _is_pair(pair)]
    ends = [(instant(pair[0]), instant(pair[1])) for pair in pairs]
    ends = [(a, b) if not (a and b and a > b) else (b, a) for a, b in ends if a or b]
    starts = [start for start, _ in ends]
    stops = [stop for _, stop in ends]
    return _least(starts, min), _least(stops, max)


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _least(moments: Sequence[datetime | None], choose: Any) -> datetime | None:
    known = [moment for moment in moments if moment]
    return choose(known) if known and len(known) == len(moments) else None


def properties(values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Members that filters and sorting may use; themes as the list of their ids."""
    short = dict(values)
    for name in UNSEARCHED.intersection(values):
        del short[name]
    if not _is_short_json(short):
        short = {name: value for name, value in short.items() if _is_short(value)}
    if "themes" in short:
        short["themes"] = kinds.osc_themes(short["themes"])
    return {**short, **more}


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_PROPERTY
    return not isinstance(value, dict | list) or _is_short_json(value)


def _is_short_json(value: Any) -> bool:
    try:
        if 2 * len(orjson.dumps(value)) <= MAX_PROPERTY:  # bytes, which are never fewer
            return True
    except (TypeError, ValueError):  # lone surrogates, large numbers, deep nesting
        pass
    return len(jsontext.dump(value)) <= MAX_PROPERTY


def _names(values: Mapping[str, Any]) -> list[str]:
    """Names of people, providers and parameters: people search for them."""
    lists = (values.get(name) for name in ("contacts", "providers", "cf:parameter"))
    entries = [one for many in lists for one in listed(many) if isinstance(one, dict)]
    return words([one.get("name") for one in entries]) + words(values.get("osc:variables"))


def _path(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
