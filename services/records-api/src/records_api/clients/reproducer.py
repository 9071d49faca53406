"""Reproduction records, from the reproducer."""

from collections.abc import AsyncIterator
from typing import Any

from earthcode_common.http import MEBIBYTE, Outbound
from earthcode_common.ogc.links import address

from records_api.clients.publisher import check

PAGE = 500
MAX_BYTES = 4 * MEBIBYTE


async def record(http: Outbound, base: str, id: str) -> str:
    """The record's text; raises Unavailable or LookupError as the publisher's client does."""
    url = address(f"{base}/reproduce/reproductions", id)
    answer = await http.get(url, max_bytes=MAX_BYTES)
    check(answer.status_code, url)
    return answer.content.decode()


async def current(http: Outbound, base: str) -> AsyncIterator[list[tuple[str, int]]]:
    """Ids and versions of all reproductions, page by page."""
    after: Any = None
    while True:
        parameters = {"limit": PAGE} | ({} if after is None else {"after": after})
        url = f"{base}/reproduce/reproductions"
        answer = await http.get(url, params=parameters, max_bytes=64 * MEBIBYTE)
        check(answer.status_code, url)
        page = answer.json()
        yield [(one["id"], one["version"]) for one in page["reproductions"]]
        after = page.get("next")
        if after is None:
            return
