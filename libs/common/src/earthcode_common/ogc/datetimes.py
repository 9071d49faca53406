"""The ``datetime`` parameter and RFC 3339 instants (OGC API Features Part 1, section 7.15.4)."""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from earthcode_common.ogc import instants
from earthcode_common.ogc.instants import NO_TIME, OPEN_END, OPEN_START
from earthcode_common.problems import BadRequest

__all__ = [
    "NO_TIME",
    "OPEN_END",
    "OPEN_START",
    "Interval",
    "format_instant",
    "parse_instant",
    "parse_interval",
]
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_OPEN = ("", "..")


class Interval(NamedTuple):
    """A closed interval in UTC; None is an open end. An instant starts and ends at once."""

    start: datetime | None
    end: datetime | None


def parse_interval(text: str, *, name: str = "datetime", dates: bool = False) -> Interval:
    """An instant, or two with ``/`` between, of which one may be open (``..`` or empty).

    ``dates`` also takes full dates and means the whole day. Raises BadRequest.
    """
    parts = text.strip().split("/") if isinstance(text, str) else []
    if len(parts) == 1:
        return _instant(parts[0], name, dates)
    if len(parts) != 2:
        raise _wrong(name, "it is an instant or start/end")
    start, end = (None if part in _OPEN else _instant(part, name, dates) for part in parts)
    if start is None and end is None:
        raise _wrong(name, "at least one end must be given")
    interval = Interval(start and start.start, end and end.end)
    if interval.start and interval.end and interval.start > interval.end:
        raise _wrong(name, "it ends before it starts")
    return interval


def parse_instant(text: str, *, name: str = "datetime", pointer: str | None = None) -> datetime:
    """An RFC 3339 date-time as UTC, to the microsecond; raises BadRequest naming ``pointer``.

    A leap second (``23:59:60`` UTC) becomes the next second; years outside 1..9999 are clamped.
    """
    try:
        # A "+" that was not percent-encoded in a query string arrives as a space.
        asked = text if pointer or not isinstance(text, str) else text.replace(" ", "+")
        return instants.read(asked)
    except ValueError as error:
        raise _wrong(name, f"{str(text)[:60]!a} {error}", pointer) from error


def format_instant(moment: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; fractions only when there are any."""
    text = moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return text if moment.year >= 1000 else text.rjust(len(text), "0")


def _instant(text: str, name: str, dates: bool) -> Interval:
    if dates and _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise _wrong(name, f"{text!a}: {error}") from error
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return Interval(start, start.replace(hour=23, minute=59, second=59, microsecond=999999))
    moment = parse_instant(text, name=name)
    return Interval(moment, moment)


def _wrong(name: str, why: str, pointer: str | None = None) -> BadRequest:
    hint = "for example 2020-01-01T00:00:00Z or 2020-01-01T00:00:00Z/.."
    detail = f"{name} is not valid: {why}"
    return BadRequest(detail, pointer=pointer, parameter=None if pointer else name, hint=hint)
