"""Temporal extents as clients can read them.

What was imported may hold ends that are no date-times; one such would keep pystac from reading the
whole list of collections. The document in the ledger stays as it was submitted.
"""

import re
from datetime import datetime
from typing import Any

from earthcode_common.ogc import jsontext
from earthcode_common.ogc.datetimes import format_instant
from earthcode_common.ogc.instants import instant

# What clients take: RFC 3339, and ISO 8601 dates that leave out the time or its zone.
_KNOWN = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)


def served(extent: jsontext.Value) -> jsontext.Value:
    """The extent with null for every end that clients stumble over; nearly always as it is."""
    temporal = extent.value.get("temporal") if isinstance(extent.value, dict) else None
    intervals = temporal.get("interval") if isinstance(temporal, dict) else None
    if not isinstance(intervals, list):
        return extent
    readable = [_pair(pair) for pair in intervals]
    if readable == intervals:
        return extent
    value = extent.value | {"temporal": temporal | {"interval": readable}}  # type: ignore[operator]
    return jsontext.Value(value, jsontext.dump(value))


def _pair(pair: Any) -> Any:
    if not isinstance(pair, list) or len(pair) != 2:
        return [None, None]
    return [_end(end) for end in pair]


def _end(end: Any) -> str | None:
    if isinstance(end, str) and _KNOWN.fullmatch(end) and _is_date(end):
        return end
    moment = instant(end)  # a leap second
    return format_instant(moment) if moment else None


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True
