"""Documents of the publisher and the catalogue, and the files that documents name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import orjson
from earthcode_common.http import AddressRefused, Outbound
from earthcode_common.problems import BadGateway, Unavailable
from earthcode_common.settings import ServiceSettings

from reproducer.domain import addresses
from reproducer.domain.plan import File

MAX_DOCUMENT = 8 * 1024 * 1024
MAX_FILE = 1024 * 1024
FILE_TIMEOUT = httpx2.Timeout(8, connect=4)
ITEMS = 100
# An id that the neighbour finds malformed is published nowhere either.
NOT_THERE = (400, 404, 410, 414, 422)


@dataclass(frozen=True)
class Fetched:
    document: Any
    digest: str | None


class Documents:
    def __init__(self, http: Outbound, settings: ServiceSettings) -> None:
        self.http = http
        self.settings = settings

    async def entity(self, kind: str, key: str) -> Fetched | None:
        """None when it is not published; raises Unavailable when the publisher does not say."""
        url = addresses.entity(self.settings.publisher_url, kind, key)
        return await self._json("publisher", url)

    async def graph(self, kind: str, key: str) -> Any:
        base = self.settings.publisher_url.rstrip("/")
        url = f"{base}/publish/graph/{addresses.segment(kind)}/{addresses.segment(key)}"
        found = await self._json("publisher", url)
        return found.document if found else None

    async def items(self, product: str) -> tuple[list[dict[str, Any]], bool]:
        """The first hundred Items, and whether there are more."""
        base = self.settings.catalog_url.rstrip("/")
        url = f"{base}/stac/collections/{addresses.segment(product)}/items?limit={ITEMS}"
        found = await self._json("catalogue", url)
        page = found.document if found and isinstance(found.document, dict) else {}
        features = page.get("features")
        items = [f for f in features if isinstance(f, dict)] if isinstance(features, list) else []
        return items, _has_next(page)

    async def attachment(self, kind: str, key: str, name: str) -> File:
        url = addresses.attachment(self.settings.publisher_url, kind, key, name)
        return await self.file(f"./{quote(name)}", url)

    async def file(self, href: str, url: str | None = None) -> File:
        """A small text file; what goes wrong is part of the answer."""
        where = url or self.inside(href)
        try:
            response = await self.http.get(where, max_bytes=MAX_FILE, tries=2, timeout=FILE_TIMEOUT)
        except AddressRefused as error:
            return File(href, "refused", detail=error.detail)
        except BadGateway as error:
            return File(href, "too-large", detail=error.detail)
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            return File(href, "unreachable", detail=type(error).__name__)
        return _as_file(href, response)

    def inside(self, href: str) -> str:
        settings = self.settings
        services = {
            "publish": settings.publisher_url,
            "stac": settings.catalog_url,
            "records": settings.records_url,
            "reproduce": settings.reproducer_url,
        }
        return addresses.inside(href, settings.public_url, services)

    async def _json(self, service: str, url: str) -> Fetched | None:
        try:
            response = await self.http.get(url, max_bytes=MAX_DOCUMENT)
        except (httpx2.HTTPError, BadGateway) as error:
            raise Unavailable(f"The {service} does not answer at the moment") from error
        if response.status_code in NOT_THERE:
            return None
        if response.status_code != 200:
            raise Unavailable(f"The {service} answered {response.status_code}")
        return Fetched(_parsed(response.content), _digest(response))


def _has_next(page: dict[str, Any]) -> bool:
    links = page.get("links")
    found: Sequence[Any] = links if isinstance(links, list) else []
    return any(isinstance(link, dict) and link.get("rel") == "next" for link in found)


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _digest(response: httpx2.Response) -> str | None:
    etag = response.headers.get("etag")
    return etag.removeprefix("W/").strip('"') if etag else None


def _as_file(href: str, response: httpx2.Response) -> File:
    if response.status_code in (404, 410):
        return File(href, "missing")
    if response.status_code != 200:
        return File(href, "unreachable", detail=f"status {response.status_code}")
    text = response.content.decode("utf-8-sig", "replace")
    return File(href, "found", text, _digest(response))
