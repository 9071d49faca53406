"""Reproductions, from the reproducer."""

from collections.abc import AsyncIterator
from typing import Any

from earthcode_common.http import MEBIBYTE, Outbound
from earthcode_common.ogc.links import address

from catalog_api.clients.publisher import check

PAGE = 500
MAX_BYTES = 64 * MEBIBYTE


async def record(http: Outbound, base: str, id: str) -> str:
    """The record's text; raises Unavailable or LookupError."""
    url = address(f"{base}/reproduce/reproductions", id)
    answer = await http.get(url, max_bytes=MAX_BYTES)
    check(answer.status_code, url)
    return answer.content.decode()


async def current(http: Outbound, base: str) -> AsyncIterator[tuple[str, int]]:
    """Id and version of every reproduction."""
    asked: dict[str, Any] | None = {"limit": PAGE}
    url = f"{base}/reproduce/reproductions"
    while asked:
        answer = await http.get(url, params=asked, max_bytes=MAX_BYTES)
        check(answer.status_code, url)
        page = answer.json()
        for one in page["reproductions"]:
            yield one["id"], one["version"]
        following = page.get("next")
        asked = {"limit": PAGE, "after": following} if following is not None else None
