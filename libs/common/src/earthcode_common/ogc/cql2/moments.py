"""Times: literals, and texts in documents that may be times.

Every time is a pair of first and last instant, both included: a date is its whole day, an open end
is OPEN_START or OPEN_END. "Before" is: ends before the other begins; "=" is neither before nor
after. For two instants that is what the operators say; an instant is equal to the date of its day.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from earthcode_common.ogc.cql2.guard import Refused
from earthcode_common.ogc.cql2.nodes import Moment
from earthcode_common.ogc.datetimes import OPEN_END, OPEN_START, parse_instant
from earthcode_common.problems import BadRequest

# Only what exists in the calendar, so that PostgreSQL's cast cannot fail; both engines take this.
_DATE = (
    r"(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_CLOCK = (
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,30})?"
    r"(?:[Zz]|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
DATE, INSTANT = f"^{_DATE}$", f"^{_DATE}{_CLOCK}$"
DAY_START, DAY_END = "T00:00:00Z", "T23:59:59.999999Z"
_date, _instant = re.compile(DATE), re.compile(INSTANT)


def time_of(text: Any) -> tuple[datetime, datetime] | None:
    """What a document's text means as a time; None when it is none."""
    if not isinstance(text, str) or text.endswith("\n"):
        return None
    if _instant.match(text):
        moment = parse_instant(text)
        return moment, moment
    if _date.match(text):
        return parse_instant(text + DAY_START), parse_instant(text + DAY_END)
    return None


def timestamp(text: Any, at: str = "") -> Moment:
    """Raises Refused."""
    try:
        moment = parse_instant(text)
    except BadRequest:
        reason = f"{_shown(text)} is not a timestamp such as '2020-01-31T00:00:00Z'"
        raise Refused(reason, at) from None
    return Moment(moment, moment)


def day(text: Any, at: str = "") -> Moment:
    """Raises Refused."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise Refused(f"{_shown(text)} is not a date such as '2020-01-31'", at)
    start = datetime(found.year, found.month, found.day, tzinfo=UTC)
    end = start.replace(hour=23, minute=59, second=59, microsecond=999999)
    return Moment(max(start, OPEN_START), min(end, OPEN_END))


def moment(text: str, at: str = "") -> Moment:
    """A timestamp or a date. Raises Refused."""
    return day(text, at) if len(text) == 10 else timestamp(text, at)


def _shown(text: Any) -> str:
    return ascii(text)[:60]
