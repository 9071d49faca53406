"""The connections to the services: exact bytes, no redirects, no cookies, no decompression."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from auth_gateway.settings import GatewaySettings

CONNECT_SECONDS = 2.0
# Shorter than the services' own limit (5 s), so that a POST never meets a connection being closed.
KEEP_ALIVE_SECONDS = 3.0


@asynccontextmanager
async def open_upstream(settings: GatewaySettings) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(
        limit=settings.upstream_connections, keepalive_timeout=KEEP_ALIVE_SECONDS
    )
    async with aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=CONNECT_SECONDS),
        max_line_size=64 * 1024,
        max_field_size=64 * 1024,
        trust_env=False,
    ) as session:
        yield session


def target(base: str, raw_path: bytes, query: bytes) -> URL:
    """The address with the very bytes of path and query (yarl would decode and collapse them)."""
    text = raw_path.decode("ascii") + (f"?{query.decode('ascii')}" if query else "")
    return URL(base + text, encoded=True)
