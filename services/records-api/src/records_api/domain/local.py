"""The collections as a catalogue of their own, and what may be asked of it (20-004r1, clause 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from earthcode_common.ogc import words
from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.cql2 import Queryable, Queryables
from earthcode_common.ogc.cql2.filter import Filter
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.geometry import bbox_shape
from earthcode_common.ogc.query import Candidate, Direction
from earthcode_common.ogc.store import Extent

KNOWN = {
    "id": Queryable("text", "id", "Identifier of the catalogue"),
    "type": Queryable("text", None, "Type: Collection"),
    "title": Queryable("text", None, "Title"),
    "description": Queryable("text", None, "Description"),
    "keywords": Queryable("array", None, "Keywords", schema={"items": {"type": "string"}}),
    "itemType": Queryable("text", None, "What its members are"),
    "geometry": Queryable(
        "geometry", "geometry", "Place, in CRS84", schema={"x-ogc-role": "primary-geometry"}
    ),
    "time": Queryable("interval", "time", "Time", schema={"x-ogc-role": "primary-interval"}),
}
QUERYABLES = Queryables(KNOWN)
SORTED = ("id", "title", "type", "description")
DEFAULT_ORDER: Sequence[tuple[str, Direction]] = (("id", "asc"),)
SORTABLES = Queryables({name: KNOWN[name] for name in SORTED})


@dataclass(frozen=True)
class Asked:
    """None is no condition. ``sort``: (name, direction) of SORTABLES."""

    q: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    types: Sequence[str] | None = None
    external_ids: Sequence[str] | None = None
    bbox: Bbox | None = None
    interval: Interval | None = None
    match_missing: bool = True
    filters: Sequence[Filter] = field(default_factory=list)
    sort: Sequence[tuple[str, Direction]] = ()


Found = tuple[Mapping[str, Any], Extent]


def matching(asked: Asked, every: Sequence[Found]) -> list[Mapping[str, Any]]:
    """The collections that match, in the order asked for."""
    candidates = [candidate(document, extent) for document, extent in every]
    keep = [_matches(asked, one, known) for (one, _), known in zip(every, candidates, strict=True)]
    for each in asked.filters:
        keep = [a and b for a, b in zip(keep, each.matches(candidates), strict=True)]
    found = [document for (document, _), hit in zip(every, keep, strict=True) if hit]
    for name, direction in reversed(asked.sort):
        found.sort(key=lambda one: str(one[name]), reverse=direction == "desc")
    return found


def candidate(document: Mapping[str, Any], extent: Extent) -> Candidate:
    start, end = extent.interval or (None, None)
    shape = shapely.box(*extent.bbox) if extent.bbox else None
    return Candidate("", document["id"], shape, start, end, document, extent.interval is not None)


def _matches(asked: Asked, document: Mapping[str, Any], known: Candidate) -> bool:
    return (
        (asked.ids is None or document["id"] in asked.ids)
        and (asked.types is None or document["type"] in asked.types)
        and asked.external_ids is None  # none of them has any
        and (asked.bbox is None or _is_there(asked, asked.bbox, known))
        and (asked.interval is None or _is_then(asked, asked.interval, known))
        and (asked.q is None or any(_says(document, phrase) for phrase in asked.q))
    )


def _is_there(asked: Asked, bbox: Bbox, known: Candidate) -> bool:
    if known.geometry is None:
        return asked.match_missing
    return bool(bbox.world or shapely.intersects(bbox_shape(bbox), known.geometry))


def _is_then(asked: Asked, interval: Interval, known: Candidate) -> bool:
    if not known.timed:
        return asked.match_missing
    early = interval.end is not None and known.start is not None and known.start > interval.end
    late = interval.start is not None and known.end is not None and known.end < interval.start
    return not early and not late


def _says(document: Mapping[str, Any], phrase: str) -> bool:
    """As in searches for records: words that follow one another, the last one by its beginning."""
    asked = words.words(phrase)
    texts = (document["title"], document["description"], *document["keywords"])
    return bool(asked) and any(_holds(words.words(text), asked) for text in texts)


def _holds(said: Sequence[str], asked: Sequence[str]) -> bool:
    places = range(len(said) - len(asked) + 1)
    return any(
        list(said[n : n + len(asked) - 1]) == list(asked[:-1])
        and said[n + len(asked) - 1].startswith(asked[-1])
        for n in places
    )
