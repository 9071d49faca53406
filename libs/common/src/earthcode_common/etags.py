"""Conditional requests (RFC 9110 section 13): strong ETags, 304, 412, 428."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from earthcode_common.problems import PreconditionFailed, PreconditionRequired

GZIPPED = "-gzip"  # ends the tag of a compressed representation: other bytes, another strong tag
SETTLED = timedelta(seconds=2)


def quoted(value: str) -> str:
    return f'"{value}"'


def not_modified(request: Request, etag: str, updated: datetime | None = None) -> Response | None:
    """A 304 when the client has ``etag`` (the quoted form) already, else None.

    ``If-None-Match`` is asked first; without it ``If-Modified-Since`` counts where ``updated`` says
    when the resource changed last.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    given = request.headers.get("if-none-match")
    if given is None:
        since = request.headers.get("if-modified-since")
        known = etag if since and updated and _unchanged(since, updated) else None
    else:
        known = _named(given, etag, weak=True)
    return Response(status_code=304, headers={"ETag": known}) if known else None


def last_modified(updated: datetime) -> dict[str, str]:
    """The header ``Last-Modified``, when it tells this version from every later one.

    It counts in seconds: within one, two versions would have the same.
    """
    if datetime.now(UTC) - updated < SETTLED:
        return {}
    return {"Last-Modified": format_datetime(updated.astimezone(UTC), usegmt=True)}


def _unchanged(since: str, updated: datetime) -> bool:
    try:
        moment = parsedate_to_datetime(since)
    except (ValueError, OverflowError):
        return False  # RFC 9110 section 13.1.3: what is not a date is passed over
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return updated.replace(microsecond=0) <= moment


def check_match(request: Request, etag: str, *, required: bool = True) -> None:
    """Raises PreconditionRequired (no If-Match) or PreconditionFailed (another version)."""
    given = request.headers.get("if-match")
    if given is None:
        if required:
            raise PreconditionRequired(
                "Send If-Match with the ETag you have seen, so that no change is overwritten",
                hint=f"If-Match: {etag}",
            )
        return
    if not _named(given, etag, weak=False):
        raise PreconditionFailed(
            "It was changed meanwhile: fetch it again and repeat your change on what you find",
            hint=f"its ETag is now {etag}",
            headers={"ETag": etag},
        )


def _named(header: str, etag: str, *, weak: bool) -> str | None:
    """The tag of ``header`` that means ``etag``, be it seen compressed or not."""
    if header.strip() == "*":
        return etag
    same = (etag, f"{etag[:-1]}{GZIPPED}{etag[-1:]}")
    for one in header.split(","):
        tag = one.strip()
        tag = tag.removeprefix("W/") if weak else tag
        if tag in same:
            return tag
    return None
