"""Fetching a file: whatever its address, whoever serves it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import httpx2
from earthcode_common.http import AddressRefused, Outbound

from reproducer.domain.report import Beside


class Unobtainable(Exception):
    """It is not there, not allowed or too large. ``refused``: asking again cannot help."""

    def __init__(self, detail: str, *, refused: bool = False) -> None:
        super().__init__(detail)
        self.refused = refused


class Unavailable(Exception):
    """It cannot be had at the moment."""


async def download(
    http: Outbound,
    url: str,
    path: Path,
    max_bytes: int,
    headers: Mapping[str, str] | None = None,
) -> Beside:
    """Write the file to ``path``; raises Unobtainable or Unavailable."""
    try:
        async with http.stream("GET", url, headers=headers) as response:
            _check(response)
            return await _write(response, path, max_bytes)
    except AddressRefused as error:
        raise Unobtainable(error.detail, refused=True) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        why = type(error).__name__
        raise Unavailable(f"the file cannot be fetched: {why}") from error


def _check(response: httpx2.Response) -> None:
    status = response.status_code
    if status in (408, 429) or status >= 500:
        raise Unavailable(f"the file cannot be fetched: status {status}")
    if status != 200:
        raise Unobtainable(f"the file cannot be fetched: status {status}")


async def _write(response: httpx2.Response, path: Path, max_bytes: int) -> Beside:
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > max_bytes:
                raise Unobtainable(f"the file is larger than {max_bytes} bytes", refused=True)
            digest.update(chunk)
            file.write(chunk)
    kind = response.headers.get("content-type")
    return Beside(kind, size, f"1220{digest.hexdigest()}")
