"""The door out refuses private networks, however the address is spelt."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from earthcode_common.http import AddressRefused, Outbound
from earthcode_common.problems import BadGateway
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route

calls: list[str] = []


async def flaky(request: Any) -> PlainTextResponse:
    calls.append(request.method)
    return PlainTextResponse("late", 503 if len(calls) < 3 else 200)


async def large(request: Any) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    return StreamingResponse(body())


async def away(request: Any) -> RedirectResponse:
    return RedirectResponse("http://127.0.0.2:9/")


routes = [
    Route("/flaky", flaky, methods=["GET", "POST"]),
    Route("/large", large),
    Route("/away", away),
]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://0.0.0.0:1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:secret@example.org/",
        "http:///nohost",
    ],
)
async def test_private_and_odd_addresses_are_refused(url: str) -> None:
    door = Outbound()
    with pytest.raises(AddressRefused):
        await door.get(url)
    await door.close()


async def test_a_redirect_is_judged_again(serve: Any) -> None:
    async with serve(Starlette(routes=routes)) as url:
        door = Outbound(trusted=[url])
        with pytest.raises(AddressRefused):
            await door.get(f"{url}/away")
        await door.close()


async def test_only_idempotent_methods_are_tried_again(serve: Any) -> None:
    async with serve(Starlette(routes=routes)) as url:
        door = Outbound(allow_private=True)
        calls.clear()
        assert (await door.get(f"{url}/flaky")).status_code == 200
        assert calls == ["GET"] * 3
        calls.clear()
        assert (await door.request("POST", f"{url}/flaky")).status_code == 503
        assert calls == ["POST"]
        await door.close()


async def test_an_answer_without_end_is_cut(serve: Any, tmp_path: Path) -> None:
    async with serve(Starlette(routes=routes)) as url:
        door = Outbound(allow_private=True)
        with pytest.raises(BadGateway):
            await door.get(f"{url}/large", max_bytes=100_000)
        with pytest.raises(BadGateway):
            await door.download(f"{url}/large", tmp_path / "f", max_bytes=100_000)
        await door.close()


async def test_nobody_there_is_a_transport_error() -> None:
    door = Outbound(allow_private=True)
    with pytest.raises(httpx2.TransportError):
        await door.get("http://127.0.0.1:1/", tries=1)
    await door.close()
