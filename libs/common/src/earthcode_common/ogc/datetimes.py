"""The ``datetime`` parameter and RFC 3339 instants (OGC API Features Part 1, section 7.15.4)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from earthcode_common.problems import BadRequest

# Stand for "no time", "since ever" and "for ever" where a database needs an instant. Not the least
# and greatest that Python has: asyncpg takes these for infinities.
NO_TIME = datetime(1, 1, 1, microsecond=1, tzinfo=UTC)
OPEN_START = datetime(1, 1, 1, second=1, tzinfo=UTC)
OPEN_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+\- ])(\d\d):(\d\d))",
    re.ASCII,
)
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
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise _wrong(name, f"{str(text)[:60]!a} is not an RFC 3339 date-time", pointer)
    try:
        return min(max(_utc(*found.groups()), OPEN_START), OPEN_END)
    except ValueError as error:
        raise _wrong(name, f"{text[:60]!a}: {error}", pointer) from error


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


def _utc(*parts: str | None) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts[:6])
    fraction, sign, hours, minutes = parts[6:]
    zone = _zone(sign, int(hours or 0), int(minutes or 0))
    leap = second == 60
    if year == 0:
        return OPEN_START
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    local = datetime(year, month, day, hour, minute, 59 if leap else second, micros, zone)
    try:
        moment = local.astimezone(UTC)
    except OverflowError:
        return OPEN_START if local.year == 1 else OPEN_END
    return _next_second(moment) if leap else moment


def _zone(sign: str | None, hours: int, minutes: int) -> timezone:
    if hours > 23 or minutes > 59:
        raise ValueError("its offset is out of range")
    offset = timedelta(hours=hours, minutes=minutes)
    # A "+" that was not percent-encoded in a query string arrives as a space.
    return timezone(-offset if sign == "-" else offset)


def _next_second(moment: datetime) -> datetime:
    if (moment.hour, moment.minute) != (23, 59):
        raise ValueError("a leap second is at 23:59:60 UTC")
    try:
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        return OPEN_END


def _wrong(name: str, why: str, pointer: str | None = None) -> BadRequest:
    hint = "for example 2020-01-01T00:00:00Z or 2020-01-01T00:00:00Z/.."
    detail = f"{name} is not valid: {why}"
    return BadRequest(detail, pointer=pointer, parameter=None if pointer else name, hint=hint)
