"""Rules on the dates and times of records."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from earthcode_common.ogc.instants import instant

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.kinds import RECORD_KINDS

NAMES = ("created", "updated", "datetime", "start_datetime", "end_datetime")
OPEN = ".."
FORMS = '{"date": "2020-01-31"}, {"timestamp": "2020-01-31T00:00:00Z"} or {"interval": [.., ..]}'


@rule(
    "record.time",
    "error",
    "time, created, updated, start_datetime and end_datetime are dates and times that exist",
    "every temporal search reads them (OGC API - Records, RFC 3339 section 5.6)",
    RECORD_KINDS,
)
def times(subject: Subject) -> Iterator[Fault]:
    for name in NAMES:
        value = subject.properties.get(name)
        if value is not None and instant(value) is None:
            yield Fault(f"/properties/{name}", f"{shown(value)} is no date and time with a zone")
    ends = [instant(subject.properties.get(name)) for name in NAMES[-2:]]
    yield from _order(ends, "/properties/end_datetime")
    if subject.body.get("time") is not None:
        yield from _time(subject.body["time"])


def _time(value: Any) -> Iterator[Fault]:
    given = [name for name in ("date", "timestamp", "interval") if name in _object(value)]
    if not given:
        yield Fault(
            "/time", f"The time is {shown(value)}, which names no time", f"null, or {FORMS}"
        )
    if "date" in given and _day(value["date"]) is None:
        yield Fault("/time/date", f"{shown(value['date'])} is no date", "2020-01-31")
    if "timestamp" in given and instant(value["timestamp"]) is None:
        said = f"{shown(value['timestamp'])} is no date and time with a zone"
        yield Fault("/time/timestamp", said, "2020-01-31T00:00:00Z")
    if "interval" in given:
        yield from _interval(value["interval"])


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _interval(pair: Any) -> Iterator[Fault]:
    if not isinstance(pair, list) or len(pair) != 2:
        yield Fault("/time/interval", "It is not a list of two", '["2020-01-31", ".."]')
        return
    for index, end in enumerate(pair):
        if end != OPEN and _moment(end) is None:
            said = f"{shown(end)} is no date, and no date and time with a zone"
            yield Fault(f"/time/interval/{index}", said, 'an open end is ".."')
    yield from _order([_moment(end) for end in pair], "/time/interval")


def _order(ends: list[datetime | None], pointer: str) -> Iterator[Fault]:
    start, end = ends
    if start and end and start > end:
        yield Fault(pointer, "It ends before it starts")


def _moment(value: Any) -> datetime | None:
    return instant(value) or _day(value)


def _day(value: Any) -> datetime | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
    # Ten characters of ISO 8601 may also be a week (2020-W01-1), which RFC 3339 does not know.
    if day is None or value != day.isoformat():
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
