"""RFC 3339 date-times (section 5.6), read strictly. Pure: domains may use it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

# Stand for "no time", "since ever" and "for ever" where a database needs an instant. Not the least
# and greatest that Python has: asyncpg takes these for infinities.
NO_TIME = datetime(1, 1, 1, microsecond=1, tzinfo=UTC)
OPEN_START = datetime(1, 1, 1, second=1, tzinfo=UTC)
OPEN_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def read(value: Any) -> datetime:
    """A date-time as UTC, to the microsecond; raises ValueError that completes "<value> ...".

    A leap second (``23:59:60`` UTC) becomes the next second; years outside 1..9999 are clamped.
    """
    if not isinstance(value, str):
        raise ValueError("is not an RFC 3339 date-time")
    return _read(value)


@lru_cache(maxsize=100)  # What is checked first and used then is read once.
def _read(text: str) -> datetime:
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError("is not an RFC 3339 date-time")
    try:
        moment = _plain(text) or _utc(*found.groups())
        return min(max(moment, OPEN_START), OPEN_END)
    except ValueError as error:
        raise ValueError(f"is not a date-time: {error}") from error


def instant(value: Any) -> datetime | None:
    """The same, or None for what is not one."""
    try:
        return read(value)
    except ValueError:
        return None


def _plain(text: str) -> datetime | None:
    """What Python reads by itself, which is nearly all there is, and much faster."""
    try:
        return datetime.fromisoformat(text) if text[-1] == "Z" and text[10] == "T" else None
    except ValueError:
        return None


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
    return timezone(-offset if sign == "-" else offset)


def _next_second(moment: datetime) -> datetime:
    if (moment.hour, moment.minute) != (23, 59):
        raise ValueError("a leap second is at 23:59:60 UTC")
    try:
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    except OverflowError:
        return OPEN_END
