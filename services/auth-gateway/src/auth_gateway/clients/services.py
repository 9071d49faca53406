"""The services as a reader sees them: how much there is, and what words find."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx2
import orjson
from earthcode_common.problems import Problem

if TYPE_CHECKING:
    from auth_gateway.state import Gateway

TIMEOUT = 3.0
FRESH = 10.0
PATIENCE = 1.0
HITS = 10
SOURCES = {
    "products": ("catalog-api", "/stac/catalogs/products/collections"),
    "projects": ("catalog-api", "/stac/catalogs/projects/collections"),
    "workflows": ("records-api", "/records/collections/workflows/items"),
    "experiments": ("records-api", "/records/collections/experiments/items"),
}
SEARCHED = ("products", "workflows", "experiments")


class Counts:
    """How many of each there are; at most ten seconds old, or older when services are slow."""

    def __init__(self) -> None:
        self._known: dict[str, int | None] = dict.fromkeys(SOURCES)
        self._counted = float("-inf")
        self._counting: asyncio.Task[None] | None = None

    async def now(self, gateway: "Gateway") -> dict[str, int | None]:
        """None stands for a service that did not answer."""
        if time.monotonic() - self._counted > FRESH and not self._counting:
            self._counting = asyncio.create_task(self._count(gateway))
        if self._counting:
            await asyncio.wait([self._counting], timeout=PATIENCE)
        return dict(self._known)

    async def _count(self, gateway: "Gateway") -> None:
        try:
            pages = await asyncio.gather(
                *(_get(gateway, *source, {"limit": "1"}) for source in SOURCES.values())
            )
            self._known = dict(zip(SOURCES, map(_matched, pages), strict=True))
        finally:
            self._counted, self._counting = time.monotonic(), None


def _matched(page: Mapping[str, Any] | None) -> int | None:
    number = (page or {}).get("numberMatched")
    return number if isinstance(number, int) else None


@dataclass(frozen=True)
class Hit:
    id: str
    title: str
    description: str
    href: str


@dataclass(frozen=True)
class Group:
    """``hits`` is None when the service did not answer; ``more`` leads to all of them."""

    name: str
    matched: int | None
    hits: list[Hit] | None
    more: str

    def as_json(self) -> dict[str, Any]:
        hits = None if self.hits is None else [vars(hit) for hit in self.hits]
        return {"name": self.name, "numberMatched": self.matched, "hits": hits, "more": self.more}


async def search(gateway: "Gateway", words: str) -> list[Group]:
    return list(await asyncio.gather(*(_search(gateway, name, words) for name in SEARCHED)))


async def _search(gateway: "Gateway", name: str, words: str) -> Group:
    service, path = SOURCES[name]
    page = await _get(gateway, service, path, {"q": words, "limit": str(HITS)})
    home = gateway.settings.public_url.rstrip("/")
    more = f"{home}{path}?{urlencode({'q': words})}"
    if page is None:
        return Group(name, None, None, more)
    rows = page.get("collections") or page.get("features") or []
    hits = [_hit(row, home + path) for row in rows if isinstance(row, dict)]
    return Group(name, _matched(page), hits, more)


def _hit(row: Mapping[str, Any], address: str) -> Hit:
    """STAC Collections have a title at the top, records in their properties."""
    about = {**row, **(row.get("properties") or {})}
    id = str(row.get("id", ""))
    description = " ".join(str(about.get("description") or "").split())
    return Hit(
        id=id,
        title=str(about.get("title") or id),
        description=description[:240] + ("…" if len(description) > 240 else ""),
        href=f"{address}/{quote(id, safe='')}",
    )


async def _get(
    gateway: "Gateway", service: str, path: str, query: Mapping[str, str]
) -> dict[str, Any] | None:
    url = f"{gateway.settings.upstream(service)}{path}?{urlencode(query)}"
    try:
        answer = await gateway.http.get(url, timeout=TIMEOUT, tries=1)
        found = orjson.loads(answer.content) if answer.status_code == 200 else None
    except (httpx2.HTTPError, Problem, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
