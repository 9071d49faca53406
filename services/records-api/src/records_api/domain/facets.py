"""Facets: how many of the found records have which values (OGC API - Records Part 2, draft).

Every record is filed under short terms when it is projected; counting these is all that a search
has to do. Years are counted from first and last years, so that a long time costs two terms.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.entities import is_text
from earthcode_common.problems import BadRequest

TERM, HISTOGRAM = "term", "histogram"
DEFAULT_BUCKETS, MAX_BUCKETS = 10, 1000
MAX_VALUE, MAX_VALUES = 200, 100
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Facet -> the property that it counts.
TERMS = {
    "type": "type",
    "themes": "themes",
    "keywords": "keywords",
    "project": "osc:project",
    "workflow": "osc:workflow",
    "status": "osc:status",
    "license": "license",
    "language": "language",
}
YEAR, FIRST, LAST = "year", "year:first", "year:last"
ORDERS = ("count_desc", "count_asc", "value_asc", "value_desc")
NAMES = (*TERMS, YEAR)
Counts = Mapping[str, Sequence[tuple[str, int]]]  # facet: its values, and how many have each


class Wanted(NamedTuple):
    name: str
    buckets: int
    order: str


def terms(
    properties: Mapping[str, Any], interval: Interval | None, now: datetime
) -> set[tuple[str, str]]:
    """(facet, value) of a record; ``properties`` are those that filters see."""
    found = {
        (facet, value[:MAX_VALUE])
        for facet, name in TERMS.items()
        for value in _values(properties.get(name))
    }
    return found | _years(interval, now)


def _values(value: Any) -> list[str]:
    """Texts; a language is an object with a code (20-004r1, language.yaml)."""
    if isinstance(value, dict):
        value = value.get("code")
    each = value if isinstance(value, list) else [value]
    texts = [one.strip() for one in each if isinstance(one, str) and is_text(one)]
    return [one for one in texts if one][:MAX_VALUES]


def _years(interval: Interval | None, now: datetime) -> set[tuple[str, str]]:
    """An end that is open reaches until now; a start that is open says nothing of years."""
    if interval is None or interval.start is None or interval.start.year < FIRST_YEAR:
        return set()
    last = min((interval.end or now).year, LAST_YEAR)
    first = min(interval.start.year, LAST_YEAR)
    return {(FIRST, str(first)), (LAST, str(max(first, last)))}


def parse_facets(text: str) -> list[Wanted]:
    """``keywords:20:value_asc,type`` as what is wanted, each facet once; maybe nothing."""
    found = [_wanted(part) for part in text.split(",") if part.strip()]
    return list({one.name: one for one in reversed(found)}.values())[::-1]


def _wanted(part: str) -> Wanted:
    name, count, order, *rest = [*(word.strip() for word in part.split(":")), "", ""]
    if any(rest) or name not in NAMES:
        raise wrong(f"{part[:60]!a} is not one of {', '.join(NAMES)}")
    if count and not (count.isascii() and count.isdigit() and 0 < int(count) <= MAX_BUCKETS):
        raise wrong(f"{name}: the number of buckets is 1 to {MAX_BUCKETS}")
    order = order or ("value_asc" if name == YEAR else "count_desc")
    if order not in ORDERS:
        raise wrong(f"{name}: the order is one of {', '.join(ORDERS)}")
    return Wanted(name, int(count or (MAX_BUCKETS if name == YEAR else DEFAULT_BUCKETS)), order)


def wrong(why: str) -> BadRequest:
    hint = "for example facets=keywords:20:value_asc,type"
    return BadRequest(f"facets is not valid: {why}", parameter="facets", hint=hint)


def definitions() -> dict[str, Any]:
    """What is counted of each facet (Part 2, /req/simple/response)."""
    found: dict[str, Any] = {
        facet: {"type": TERM, "property": name, "sortedBy": "count", "minOccurs": 1}
        for facet, name in TERMS.items()
    }
    return found | {YEAR: {"type": HISTOGRAM, "property": "time", "bucketType": "fixedInterval"}}


def filed_under(wanted: Sequence[Wanted]) -> list[str]:
    """What has to be counted for that."""
    found = [one.name for one in wanted if one.name != YEAR]
    return found if len(found) == len(wanted) else [*found, FIRST, LAST]


def described(wanted: Sequence[Wanted], counts: Counts) -> dict[str, Any]:
    """The ``facets`` object of a page (Part 2, /req/simple/query_response)."""
    return {one.name: _facet(one, counts) for one in wanted}


def _facet(wanted: Wanted, counts: Counts) -> dict[str, Any]:
    if wanted.name == YEAR:
        kind, name, every = HISTOGRAM, "time", _years_of(counts)
    else:
        kind, name, every = TERM, TERMS[wanted.name], counts[wanted.name]
    shown = _ordered(every, wanted.order)[: wanted.buckets]
    return {
        "type": kind,
        "property": name,
        "buckets": [_bucket(kind, *one) for one in shown],
        "more": len(every) > wanted.buckets,
    }


def _bucket(kind: str, value: str, number: int) -> dict[str, Any]:
    """``datetime=min/max`` finds the records of a year."""
    if kind == TERM:
        return {"value": value, "count": number}
    return {"min": f"{value}-01-01T00:00:00Z", "max": f"{value}-12-31T23:59:59Z", "count": number}


def _years_of(counts: Counts) -> Sequence[tuple[str, int]]:
    """Each year of a record's time counts."""
    firsts, lasts = ({int(year): n for year, n in counts[end]} for end in (FIRST, LAST))
    found, running = [], 0
    for year in range(min(firsts, default=1), max(lasts, default=0) + 1):
        running += firsts.get(year, 0)
        if running:
            found.append((f"{year:04}", running))
        running -= lasts.get(year, 0)
    return found


def _ordered(every: Sequence[tuple[str, int]], order: str) -> Sequence[tuple[str, int]]:
    by, _, direction = order.partition("_")
    labelled = sorted(every, reverse=order == "value_desc")
    if by == "value":
        return labelled
    return sorted(labelled, key=itemgetter(1), reverse=direction == "desc")
