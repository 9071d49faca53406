"""The one door out: time-outs, size limits, careful retries, and an address policy.

Documents name URLs that strangers wrote. ``Outbound`` judges the address it really connects to
(after DNS, and again at each redirect), so a name that points into the private network is refused.
Addresses that the operator configured (other services, platforms) may be passed as ``trusted``.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2

from earthcode_common.problems import BadGateway, BadRequest

RETRIED = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
TRY_AGAIN = frozenset({429, 502, 503, 504})
MAX_REDIRECTS = 5
MEBIBYTE = 1024 * 1024


class AddressRefused(BadRequest):
    slug = "address-refused"


class Outbound:
    """An HTTP client for addresses that may come from documents."""

    def __init__(
        self, *, allow_private: bool = False, trusted: Iterable[str] = (), timeout: float = 30
    ) -> None:
        transport = httpx2.AsyncHTTPTransport(trust_env=False)
        hosts = frozenset(_origin(url) for url in trusted)
        # The pool resolves and connects through this backend; there is no other way to the network.
        transport._pool._network_backend = _GuardedBackend(allow_private, hosts)
        self.client = httpx2.AsyncClient(
            transport=transport,
            timeout=httpx2.Timeout(timeout, connect=10),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            headers={"User-Agent": "earthcode-federation"},
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        max_bytes: int = 16 * MEBIBYTE,
        tries: int = 3,
        **kwargs: Any,
    ) -> httpx2.Response:
        """Send and read the whole answer (any status). Only idempotent methods are tried again.

        Raises AddressRefused, BadGateway (answer too large) or httpx2.TransportError.
        """
        left = tries if method.upper() in RETRIED else 1
        while True:
            left -= 1
            try:
                async with self.stream(method, url, **kwargs) as response:
                    await _read(response, max_bytes)
            except httpx2.TransportError:
                if left <= 0:
                    raise
            else:
                if left <= 0 or response.status_code not in TRY_AGAIN:
                    return response
            await asyncio.sleep((tries - left) * 0.2 * (1 + random.random()))

    async def get(self, url: str, **kwargs: Any) -> httpx2.Response:
        return await self.request("GET", url, **kwargs)

    @asynccontextmanager
    async def stream(self, method: str, url: str, **kwargs: Any) -> AsyncIterator[httpx2.Response]:
        _check_url(url)
        async with self.client.stream(method, url, **kwargs) as response:
            yield response

    async def download(
        self, url: str, path: Path, *, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Stream a 2xx answer into ``path``; raises BadGateway for other answers and large ones."""
        async with self.stream("GET", url, headers=headers) as response:
            if response.status_code >= 300:
                raise BadGateway(f"{url} answered {response.status_code}")
            size = 0
            with path.open("wb") as file:
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > max_bytes:
                        raise BadGateway(f"{url} is larger than {max_bytes} bytes")
                    file.write(chunk)
            return response

    async def close(self) -> None:
        await self.client.aclose()


async def _read(response: httpx2.Response, max_bytes: int) -> None:
    parts, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > max_bytes:
            raise BadGateway(f"{response.url} answered more than {max_bytes} bytes")
        parts.append(chunk)
    response._content = b"".join(parts)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(f"Only http and https addresses are fetched, not {url[:200]!r}")
    if parts.username or parts.password:
        raise AddressRefused("An address may not hold a user name or a password")


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    def __init__(self, allow_private: bool, trusted: frozenset[tuple[str, int]]) -> None:
        self._inner = httpcore2.AnyIOBackend()
        self._allow_private = allow_private
        self._trusted = trusted

    async def connect_tcp(self, host: str, port: int, **kwargs: Any) -> Any:  # type: ignore[override]
        if self._allow_private or (host, port) in self._trusted:
            return await self._inner.connect_tcp(host, port, **kwargs)
        return await self._inner.connect_tcp(await _public_address(host, port), port, **kwargs)

    async def connect_unix_socket(self, path: str, **kwargs: Any) -> Any:  # type: ignore[override]
        raise AddressRefused("Unix sockets are not fetched from")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def _public_address(host: str, port: int) -> str:
    """The first address of ``host``, when all are public; connecting to it pins the answer."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise httpcore2.ConnectError(f"{host}: {error}") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        ip = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        if not mapped.is_global or mapped.is_multicast:
            raise AddressRefused(f"{host} is in a private network, which is not fetched from")
    return addresses[0]
