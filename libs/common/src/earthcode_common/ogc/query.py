"""The values that go into the search store and come out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from shapely import Geometry

from earthcode_common.ogc.bbox import Bbox
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.geometry import Footprint

COUNT_CAP = 10_000
Direction = Literal["asc", "desc"]


@dataclass(slots=True)
class Document:
    """What is stored. ``doc`` is the response text: kept as it is and never parsed.

    ``start`` and ``end`` are aware; one of them None is an open end, both None is "no time".
    """

    part: str
    id: str
    doc: str
    geometry: Mapping[str, Any] | Footprint | None = None
    start: datetime | None = None
    end: datetime | None = None
    props: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    text: str = ""
    keywords: Sequence[str] = ()
    version: int = 1
    etag: str = ""
    updated: datetime | None = None


@dataclass(slots=True)
class Stored:
    """``props_json`` is empty in pages unless the query asked for it (``with_props``)."""

    part: str
    id: str
    doc: str
    etag: str
    updated: datetime
    version: int
    props_json: str = ""

    @property
    def props(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.props_json or "{}")
        return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as a ``refine`` function sees it; open ends of time are None, ``timed``: it has one."""

    part: str
    id: str
    geometry: Geometry | None
    start: datetime | None
    end: datetime | None
    props: Mapping[str, Any]
    timed: bool = False


Refine = Callable[[Sequence[Candidate]], Sequence[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All conditions are ANDed; None means "no condition", an empty list matches nothing.

    ``where`` is over ``SearchStore.table``; when SQL cannot decide it exactly it must be a superset
    and ``refine`` (called in a thread for many rows) says which of the rows really match.
    ``match_missing``: rows without geometry or time match bbox, intersects and interval (OGC API
    Records) or do not (STAC). ``tag`` tells queries apart that differ only in ``refine``.
    ``count``: how many match, if more than a page; ``count_large``: also in a store of more than
    ``count_cap`` documents, where counting takes many times as long as the page itself.
    ``numbers``: the numbers (``seq``) of all that match, where they are found on the way.
    ``stamp``: SQL of a value that is told with the page, such as what it is a version of.
    """

    parts: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    bbox: Bbox | None = None
    interval: Interval | None = None
    intersects: Geometry | Mapping[str, Any] | None = None
    q: Sequence[str] | None = None
    where: sa.ColumnElement[bool] | None = None
    refine: Refine | None = None
    tag: str = ""
    sort: Sequence[tuple[str, Direction]] = ()
    limit: int = 10
    offset: int = 0
    token: str | None = None
    match_missing: bool = False
    with_props: bool = False
    count: bool = True
    count_large: bool = True
    count_cap: int = COUNT_CAP
    numbers: bool = False
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``matched`` is None when it was not counted; beyond the cap it is not exact.

    ``numbers``: eight bytes each, big-endian; None when they were not found on the way. ``stamp``
    is from before ``matched`` was counted, and None when there are no items.
    """

    items: list[Stored]
    next: str | None = None
    matched: int | None = None
    matched_exact: bool = True
    numbers: bytes | None = None
    stamp: Any = None
