"""Stored bytes on their way out: documents verbatim, attachments without power over the reader."""

from typing import Any
from urllib.parse import quote

from earthcode_common import etags
from earthcode_common.db import ReadSession
from earthcode_common.problems import NotFound
from starlette.requests import Request
from starlette.responses import Response

from publisher.domain.kinds import media_type
from publisher.store import entities

# Shown in a browser as they are; everything else is offered as a download.
HARMLESS = frozenset(
    {
        *("text/plain", "text/csv", "text/yaml", "application/yaml", "application/x-yaml"),
        *("application/json", "application/geo+json"),
        *("image/png", "image/jpeg", "image/webp", "image/gif"),
    }
)
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def document(
    request: Request, kind: str, text: str, digest: str, headers: dict[str, str]
) -> Response:
    tag = etags.quoted(digest)
    if unchanged := etags.not_modified(request, tag):
        unchanged.headers.update(headers)
        return unchanged
    all_headers = headers | {"ETag": tag, "X-Content-Type-Options": "nosniff"}
    return Response(text.encode(), 200, all_headers, media_type(kind))


async def attachment(
    request: Request,
    session: ReadSession,
    listed: list[dict[str, Any]],
    name: str,
    headers: dict[str, str],
) -> Response:
    """The attachment called ``name`` of a list of attachments."""
    found = next((file for file in listed if file["name"] == name), None)
    if found is None:
        raise NotFound(f"There is no attachment {name[:200]}")
    tag = etags.quoted(found["digest"])
    if unchanged := etags.not_modified(request, tag):
        return unchanged
    content = await entities.attachment(session, found["digest"])
    if content is None:
        raise NotFound(f"The content of {name} is no longer kept")
    return Response(content, 200, headers | SAFE | {"ETag": tag} | _shown(found))


def _shown(file: dict[str, Any]) -> dict[str, str]:
    # The header goes out as it was declared: no charset is added, no parameter is lost.
    plain = file["media_type"].partition(";")[0].strip().lower()
    how = "inline" if plain in HARMLESS else "attachment"
    return {
        "Content-Type": file["media_type"],
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(file['name'])}",
    }
