"""Conditional requests (RFC 9110 section 13): strong ETags, 304, 412, 428."""

from starlette.requests import Request
from starlette.responses import Response

from earthcode_common.problems import PreconditionFailed, PreconditionRequired


def quoted(value: str) -> str:
    return f'"{value}"'


def not_modified(request: Request, etag: str) -> Response | None:
    """A 304 when ``If-None-Match`` names ``etag`` (the quoted form), else None."""
    given = request.headers.get("if-none-match")
    if given is None or not _names(given, etag, weak=True):
        return None
    return Response(status_code=304, headers={"ETag": etag})


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
    if not _names(given, etag, weak=False):
        raise PreconditionFailed(
            "It was changed meanwhile: fetch it again and repeat your change on what you find",
            hint=f"its ETag is now {etag}",
            headers={"ETag": etag},
        )


def _names(header: str, etag: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = [tag.strip() for tag in header.split(",")]
    return etag in [tag.removeprefix("W/") if weak else tag for tag in tags]
