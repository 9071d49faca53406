"""A platform as it is talked to, and what every answer of it is good for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
from earthcode_common.http import AddressRefused, Outbound
from earthcode_common.problems import BadGateway

from reproducer.clients import dialects
from reproducer.domain.answers import Trouble

JSON_HEADERS = {"Accept": "application/json"}
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, BadGateway, AddressRefused, UnicodeError)


@dataclass(frozen=True)
class Server:
    """A platform as it is talked to; ``headers`` hold its credentials."""

    http: Outbound
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_output: int = 512 * 1024 * 1024
    post_seconds: float = 60

    def headers_for(self, url: str) -> dict[str, str]:
        """Credentials go to the platform alone, not to where its links may lead."""
        same = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        return JSON_HEADERS | (dict(self.headers) if same else {})


async def ask(server: Server, url: str) -> httpx2.Response | Trouble:
    try:
        return await server.http.get(url, headers=server.headers_for(url), tries=1)
    except FAILURES as error:
        return Trouble(error_text(error))


def json_of(response: httpx2.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def trouble(response: httpx2.Response) -> Trouble:
    return Trouble(detail_of(response), retry_after(response))


def detail_of(response: httpx2.Response) -> str:
    said = dialects.message_of(json_of(response))
    return f"status {response.status_code}{f', {said}' if said else ''}"


def error_text(error: Exception) -> str:
    said = dialects.clean(str(getattr(error, "detail", "") or error))
    return said or type(error).__name__


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds, or a date (RFC 9110 section 10.2.3)."""
    given = response.headers.get("retry-after", "")
    if given.isdigit():
        return float(given[:6])
    try:
        return (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
